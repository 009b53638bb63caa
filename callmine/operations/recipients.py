"""Who gets a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callmine.delivery_settings import DeliverySettings, Recipient
from callmine.errors import UsageError
from callmine.validation import did_you_mean, is_address


def recipients_of(settings: DeliverySettings, kind: str, to: Sequence[str]) -> tuple[Recipient, ...]:
    """Return recipients, each once however often named.

    Args:
        settings: Who is known.
        kind: The report.
        to: Names or addresses; an address that nobody is known by gets everything, redacted. Empty for all
            whose ``reports`` holds ``kind``.

    Raises:
        UsageError: Somebody is not known, or a name is empty.
    """
    if not to:
        return tuple(_once(one for one in settings.recipients if kind in one.reports))
    return tuple(_once(one for name in to for one in _named(settings, name)))


def _named(settings: DeliverySettings, name: str) -> Iterator[Recipient]:
    wanted = name.strip().casefold()
    if not wanted:
        # A variable of a script that was not set: nobody is meant, and never everybody.
        raise UsageError("--to is empty", hint="Name a recipient or an e-mail address, or leave out --to.")
    known = [
        one
        for one in settings.recipients
        if wanted in (one.called.strip().casefold(), one.address.casefold())
    ]
    if known:
        yield from known
    elif is_address(name.strip()):
        yield Recipient(email=name.strip())
    else:
        names = [one.called for one in settings.recipients]
        raise UsageError(
            f"{name!r} is no recipient{did_you_mean(name, names)}, and no e-mail address",
            hint=f"Known: {', '.join(names)}."
            if names
            else "Give an address, or add recipients to [delivery].",
        )


def _once(recipients: Iterator[Recipient]) -> Iterator[Recipient]:
    seen: set[tuple[str, str]] = set()
    for one in recipients:
        key = (one.address.casefold() if one.email else one.slack, one.within)
        if key not in seen:
            seen.add(key)
            yield one
