"""What every bus does: carry hints from the writer of a domain to its subscribers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from angzarr_bus._frame import Frame
from angzarr_ports import System


@dataclass(frozen=True, slots=True, kw_only=True)
class BusConfig:
    """Where a bus lives; the meaning of `url` belongs to the implementation.

    `credentials` is the file of the login, "" for a bus that asks for none.
    """

    url: str
    credentials: str = ""


class Inbox(ABC):
    """The frames of one domain as one subscriber receives them; bounded.

    When more frames wait than fit, all of them are dropped and the inbox is *behind*: the
    subscriber continues from the feed (reliability.md U11).
    """

    @abstractmethod
    async def receive(self) -> Frame | None:
        """Wait for the next frame.

        Shape: a frame, or None once after an overflow, a broken frame or a lost transport, which
        says: read the feed. Cancelling it loses no later frame.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Stop receiving and release the transport."""


class Bus(ABC):
    """Hints that something was appended. May lose, repeat and reorder; never corrupts.

    Rule: architecture.md §1.1; deleting a bus delays work and loses nothing.
    """

    @classmethod
    @abstractmethod
    async def open(cls, config: BusConfig, system: System) -> "Bus":
        """Return a bus that is ready.

        Raises:
            BusUnavailableError: the place that `config` names cannot be used.
            BusRefusedError: what `config` says is not admitted there.
        """

    @abstractmethod
    def publish(self, frame: Frame) -> None:
        """Offer a committed append to every subscriber of its domain; best effort.

        Never blocks, never raises for a missing, slow or broken subscriber; a frame too large for
        the transport travels as a reference.
        """

    @abstractmethod
    async def subscribe(self, domain: str, subscriber: str, *, limit_frames: int) -> Inbox:
        """Return the inbox of `subscriber` for `domain`; frames published from now on arrive.

        Units: `limit_frames` is the number of frames that wait before the inbox is behind.

        Raises:
            BusUnavailableError: the transport cannot be opened.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Drop what waits and release every transport; inboxes end as by their own `aclose`."""
