"""What a page says about itself: what it is based on, how to read it, what is missing."""

from __future__ import annotations

from callmine.reports.coverage_values import Coverage
from callmine.reports.digest_values import Digest
from callmine.reports.render.section_words import level_words
from callmine.reports.text import listed, percent, plural, rate, verb

COMMANDS = (
    "callmine correct --roles CALL [--swap]",
    "callmine correct FINDING --wrong",
    "callmine correct --missed CALL:UTT --label L",
    "callmine correct --missed CALL:UTT --nothing",
    "callmine outcomes",
    "callmine compare ID ID",
)
"""Commands that notes name; the renderers show them as code, to be copied in one piece."""

EMERGING = (
    "What several prospects said against us in much the same way, again this week, and no objection label"
    " fits. Sentences of like meaning stand together, which software judged and not a person; each group is"
    " named by the one most like all the others. To count it from now on, give it a label with examples in"
    " the playbook."
)
"""What the section of emerging themes shows, and what to do about it."""

EMERGING_MEND = (
    f"If one of your labels fits a quote after all, {COMMANDS[2]} counts it there; if a quote is no"
    f" objection, {COMMANDS[3]} takes it out. What to write for CALL:UTT stands behind each quote."
)
"""How a quote of that section is put right, where not every quote has its own commands."""


def unplaced(digest: Digest) -> str:
    """Say in how many calls nobody is known to be a prospect, or nothing."""
    missing = digest.coverage.unplaced
    if not missing:
        return ""
    read = digest.calls + missing + digest.coverage.inverted
    return (
        f"In {missing:,} of {plural(read, 'call')} we cannot tell who spoke;"
        f" {verb(missing, 'it is', 'they are')} not counted."
    )


def inverted(coverage: Coverage) -> str:
    """Say in which calls the roles look inverted, and the command for them, or nothing."""
    missing = coverage.inverted
    if not missing:
        return ""
    return (
        f"In {plural(missing, 'call')} the roles of rep and prospect look inverted"
        f" ({_sources(coverage.inverted_sources, missing)});"
        f" {verb(missing, 'it is', 'they are')} not counted"
        f" until someone says which way round is right: {COMMANDS[0]}."
    )


def other_languages(coverage: Coverage) -> str:
    """Say in which calls objections were not looked for because of their language, or nothing."""
    total = sum(count.calls for count in coverage.other_languages)
    if not total:
        return ""
    counts = coverage.other_languages
    several = len(counts) > 1
    kind = "other languages" if several else "another language"
    which = ", ".join(f"{c.language} {c.calls:,}" if several else c.language for c in counts)
    return (
        f"{plural(total, 'call')} in {kind} ({which}): objections were not looked for;"
        f" {verb(total, 'it is', 'they are')} not counted."
    )


def clips_line(digest: Digest) -> str:
    """Say that the page's limit for sound is reached, or nothing."""
    missing = digest.clips_left_out
    if not missing:
        return ""
    return (
        f"{plural(missing, 'quote')} on this page {verb(missing, 'has', 'have')} no player: the limit for"
        f" sound ({digest.settings.max_clip_bytes / 1e6:.3g} MB) is reached. max_clip_mb in callmine.toml"
        " raises it."
    )


def reproduction(digest: Digest) -> str:
    """Say which playbook and extractors made the page."""
    parts = []
    if digest.playbooks:
        parts.append(f"playbook version {listed(digest.playbooks)}")
    if digest.extractors:
        parts.append(f"extractors (name/version) {', '.join(digest.extractors)}")
    return f"To reproduce this page: {'; '.join(parts)}." if parts else ""


SOFTWARE = (
    f"Wording and labels come from software and can be wrong: {COMMANDS[1]} leaves a"
    " finding out of the next digest."
)
"""What every page with quotes says."""


def coverage_lines(coverage: Coverage, digest: Digest) -> list[str]:
    """Say what the page is based on and what is missing, a plain sentence for each."""
    lines = []
    if coverage.calls:
        lines.append(
            f"{coverage.read:,} of {plural(coverage.calls, 'call')} of this week transcribed and read."
        )
    if coverage.attributed is not None:
        lines.append(
            f"{percent(coverage.attributed)} of the words in them are attributed to a prospect or to us."
        )
    if unplaced(digest):
        lines.append(unplaced(digest))
    if coverage.inverted:
        lines.append(inverted(coverage))
    if coverage.other_languages:
        lines.append(other_languages(coverage))
    if digest.calls and digest.unit == "deals":
        lines.append(f"{percent(coverage.linked / digest.calls)} of the counted calls belong to a deal.")
    if coverage.calls and coverage.deals:
        lines.append(
            f"{coverage.deals_with_call:,} of {plural(coverage.deals, 'deal')} open at the end of the week,"
            " or closed in it, had a sales call by then."
        )
    if coverage.calls and coverage.differing:
        said = "; ".join(level_words(level) for level in coverage.differing[:3])
        lines.append(f"Deals with a call are not like those without: {said}.")
    if coverage.unknown_speaker:
        lines.append(
            f"{plural(coverage.unknown_speaker, 'more possible objection')} where we do not know who spoke;"
            f" {verb(coverage.unknown_speaker, 'it is', 'they are')} not counted."
        )
    if coverage.unknown_requests:
        lines.append(
            f"{plural(coverage.unknown_requests, 'more possible request')} where we do not know who spoke;"
            f" {verb(coverage.unknown_requests, 'it is', 'they are')} not counted."
        )
    if coverage.pending:
        lines.append(f"{plural(coverage.pending, 'call')} not read yet.")
    for reason in coverage.failed:
        where = _sources(reason.sources, reason.calls)
        lines.append(f"{plural(reason.calls, 'call')} failed: {reason.reason} ({where}).")
    for reason in coverage.skipped:
        lines.append(f"{plural(reason.calls, 'call')} left out on purpose: {reason.reason}.")
    if coverage.not_counted:
        lines.append(
            f"{plural(coverage.not_counted, 'call')} of excluded deals (duplicate, test, disqualified)"
            " not counted."
        )
    if coverage.undated:
        lines.append(
            f"{plural(coverage.undated, 'undated call')} {verb(coverage.undated, 'is', 'are')} in no week."
        )
    return lines


def _sources(sources: tuple[str, ...], calls: int) -> str:
    more = calls - len(sources)
    return ", ".join(sources) + (f" and {more:,} more" if more > 0 else "")


def method_lines(digest: Digest) -> list[str]:
    """Say in plain words how the numbers were made and what they do not mean."""
    settings = digest.settings
    lines = [
        "Frequency is not cause: that an objection was heard in a lost deal does not say that it lost"
        " the deal.",
        f"Only what a prospect said counts, where we know with {percent(settings.min_role_confidence)}"
        " confidence or more who spoke.",
    ]
    if digest.unit == "deals":
        lines.append(
            "Deals are counted, not mentions. A call that is linked to no deal stands for itself"
            " and is shown apart."
        )
    if digest.compared_with:
        lines.append(
            f"“Up”, “down”, “not found before” and “not found this week” compare the share of"
            f" {digest.unit} that raised it, so a busier week alone changes nothing; at most"
            f" {percent(settings.max_q)} of these words are expected to be chance. “About the same” means"
            f" that a change by a factor of {rate(settings.same_within)} can be ruled out; where there is"
            " no word, it is too few to say."
        )
    return lines
