"""What every way of delivering has in common: how a try ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from callmine.errors import DeliveryError

Begin = Callable[[], None]
"""Is called right before the moment from which on nobody could tell whether the report arrived."""


class NotDelivered(DeliveryError):
    """It did not arrive, for certain.

    Args:
        passing: Whether trying again in a moment could help.
        wait_s: How long the other side asks to wait before that.
    """

    def __init__(self, message: str, *, hint: str = "", passing: bool = False, wait_s: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.passing = passing
        self.wait_s = wait_s


class NobodyKnows(DeliveryError):
    """It was handed over, and the connection ended before the other side said that it has it."""


class Courier(Protocol):
    """Hands over one report to one recipient."""

    def deliver(self, *, begin: Begin) -> None:
        """Hand it over once; nothing is tried again here.

        Args:
            begin: Called once the other side is there and willing, right before it is handed over.

        Raises:
            NotDelivered: It did not arrive.
            NobodyKnows: Nobody can tell.
        """
        ...
