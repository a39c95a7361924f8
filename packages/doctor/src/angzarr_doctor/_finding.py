"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warn"
    FAILURE = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence, more lines about it, and the command or setting that helps."""

    level: Level
    text: str
    details: tuple[str, ...] = ()
    next: str = ""

    @staticmethod
    def ok(text: str) -> "Finding":
        """Return that a check has passed."""
        return Finding(level=Level.OK, text=text)

    @staticmethod
    def warning(text: str) -> "Finding":
        """Return what could not be checked, or may matter later."""
        return Finding(level=Level.WARNING, text=text)

    @staticmethod
    def failure(text: str, *details: str, then: str = "") -> "Finding":
        """Return that a check has failed."""
        return Finding(level=Level.FAILURE, text=text, details=details, next=then)
