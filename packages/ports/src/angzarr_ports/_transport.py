"""What stands in for sockets when a whole system runs in one event loop."""

from abc import ABC, abstractmethod
from typing import Any


class CallFailedError(Exception):
    """A call came to no reply.

    `code` and `message` are those of its status, in the words that gRPC has for it; `details` is
    the encoded google.rpc.Status of an answer, empty without one.
    """

    def __init__(self, code: int, message: str, details: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class Transport(ABC):
    """Carries calls as bytes, with metadata and a deadline, in place of gRPC.

    Shape: what `server` and `channel` return has the methods of grpc.aio's own that `service`
    uses, so that everything above them is the code of production; ADR 4. `has_links` says that
    those of streams both ways are among them.
    """

    has_links = False

    @abstractmethod
    def server(self) -> Any:  # noqa: ANN401 - the part of grpc.aio.Server that is used
        """Return a server; it serves from its `start` to its `stop`."""

    @abstractmethod
    def channel(self, address: str) -> Any:  # noqa: ANN401 - the part of grpc.aio.Channel that is used
        """Return a channel; a call that comes to no reply raises CallFailedError."""

    @abstractmethod
    async def connect(self, address: str) -> None:
        """Return when somebody accepts connections at `address`.

        Raises:
            OSError: nobody does.
        """
