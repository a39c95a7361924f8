"""What a status says: who refused, why, and whether it is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.types_pb2 import RpcStatus

_REJECTIONS = frozenset({3, 9, 5, 6, 11, 7})
_UNIMPLEMENTED, _UNAVAILABLE = 12, 14


class RpcStatusTraits:
    """Behaviour of RpcStatus; codes are those of google.rpc.Code."""

    @property
    def is_rejection_code(self: RpcStatus) -> bool:
        """Say whether logic means a refusal by this code (contract.md §4.1 step 10)."""
        return self.code in _REJECTIONS

    @property
    def is_unimplemented(self: RpcStatus) -> bool:
        """Say whether the peer has no such method."""
        return self.code == _UNIMPLEMENTED

    @property
    def is_unavailable(self: RpcStatus) -> bool:
        """Say whether the peer can do nothing now."""
        return self.code == _UNAVAILABLE

    def at(self: RpcStatus, position: int) -> RpcStatus:
        """Note where the log of its target stands after an accepted command; return itself."""
        from angzarr.types_pb2 import CommandResponse  # noqa: PLC0415 - imports this module

        self.details.add().Pack(CommandResponse(position=position))
        return self

    @property
    def position(self: RpcStatus) -> int:
        """Return what `at` noted, 0 for a command without events."""
        from angzarr.types_pb2 import CommandResponse  # noqa: PLC0415 - imports this module

        noted = CommandResponse()
        for detail in self.details:
            detail.Unpack(noted)
        return noted.position
