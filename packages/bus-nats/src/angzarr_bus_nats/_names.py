"""What streams, subjects, messages and consumers are called (operations.md §2)."""

from angzarr import is_log_name
from angzarr_bus import BusUnavailableError, Frame

ROOTLESS = "-"


def stream_name(domain: str) -> str:
    """Return the stream of a domain.

    Raises:
        BusUnavailableError: the name would be more than a token.
    """
    return f"angzarr-{_token(domain)}"


def stream_subjects(domain: str) -> str:
    """Return every subject of a domain; raises as `stream_name`."""
    return f"angzarr.{_token(domain)}.>"


def subject_of(frame: Frame) -> str:
    """Return the subject of a frame; raises as `stream_name`."""
    return f"angzarr.{_token(frame.domain)}.{frame.root.hex() or ROOTLESS}"


def consumer_name(domain: str, subscriber: str) -> str:
    """Return what a subscriber's consumer is called; raises as `stream_name`."""
    return f"{_token(subscriber)}-{_token(domain)}"


def message_id(frame: Frame) -> str:
    """Return what is the same for a repeat, "" for a frame that is never one.

    Two wakes, two references and two frames of what no log holds are two messages. Positions
    begin again after a restore, which raises the epoch.
    """
    if frame.is_reference or not frame.position:
        return ""
    return f"{frame.domain}:{frame.position}:{frame.epoch}"


def _token(name: str) -> str:
    if not is_log_name(name):
        raise BusUnavailableError(repr(name), "it is no name")
    return name.replace(".", "=")
