"""What a revocation asks for, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from angzarr.types_pb2 import RevocationResponse


class RevocationResponseTraits:
    """Behaviour of RevocationResponse."""

    @property
    def metadata(self: RevocationResponse) -> dict[str, str]:
        """Return the flags and the reason as the metadata of COMMAND_REVOKED (contract.md §6)."""
        return {
            "reason": self.reason,
            "emit_system_revocation": str(self.emit_system_revocation).lower(),
            "send_to_dead_letter_queue": str(self.send_to_dead_letter_queue).lower(),
            "escalate": str(self.escalate).lower(),
            "abort": str(self.abort).lower(),
        }

    @staticmethod
    def of(metadata: Mapping[str, str]) -> RevocationResponse:
        """Return the revocation that such metadata tells of; what is missing is not asked for."""
        from angzarr.types_pb2 import RevocationResponse as Response  # noqa: PLC0415 - imports this

        return Response(
            reason=metadata.get("reason", ""),
            emit_system_revocation=metadata.get("emit_system_revocation") == "true",
            send_to_dead_letter_queue=metadata.get("send_to_dead_letter_queue") == "true",
            escalate=metadata.get("escalate") == "true",
            abort=metadata.get("abort") == "true",
        )
