"""What stands between this process and peers on other machines."""

from abc import ABC, abstractmethod
from typing import Any


class Trust(ABC):
    """Says who this process is on a network, and who calls it.

    Shape: credentials are those of gRPC, None where bytes go in the clear. Those of channels are
    one object until they change; who has a channel with other ones makes a new channel.
    Rule: security.md C4, ADR 18.
    """

    @abstractmethod
    def server_credentials(self, address: str) -> Any:  # noqa: ANN401 - grpc.ServerCredentials or None
        """Return what a server at `address` shows, and asks its callers for.

        Raises:
            RefusedError: nothing may be served there.
        """

    @abstractmethod
    def channel_credentials(self, address: str) -> Any:  # noqa: ANN401 - grpc.ChannelCredentials or None
        """Return what a channel to `address` shows, and asks its server for.

        Raises:
            RefusedError: nobody may be called there.
        """

    @abstractmethod
    def identity(self, context: Any) -> str | None:  # noqa: ANN401 - grpc's context of a call
        """Return which component calls, "" for one on this machine, None for a stranger."""
