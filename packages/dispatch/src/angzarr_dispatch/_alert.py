"""People are told that business cannot go on without them."""

import logging

from angzarr.types_pb2 import CommandBook

ESCALATED = "command.escalated"

_LOG = logging.getLogger("angzarr.alerts")


def escalate(why: str, command: CommandBook) -> None:
    """Raise one alert about a refused command; the only place where alerts are raised."""
    cover = command.cover
    extra = {
        "domain": cover.domain,
        "root": cover.root.hex,
        "command": command.type_name.rpartition(".")[2],
        "command_id": command.command_id,
        "correlation_id": cover.correlation_id,
        "reason": why,
    }
    _LOG.error(ESCALATED, extra=extra)
