"""What authors of business logic import: routers, serve, and a client of the gateway."""

from angzarr_client._client import Client
from angzarr_client._command import CommandRouter
from angzarr_client._context import CommandContext, EventContext
from angzarr_client._errors import (
    CommandError,
    CommandRejectedError,
    InvalidCommandError,
    LogicError,
    TryAgainError,
    UndeclaredOutputError,
    require,
)
from angzarr_client._fold import StateRouter
from angzarr_client._once import BESIDE, CREATE_PLACES, DELETE_PLACES, MOVE_PLACES, Transaction
from angzarr_client._process import Decision, ProcessRouter
from angzarr_client._projector import ProjectorRouter
from angzarr_client._saga import SagaRouter
from angzarr_client._serve import Router, serve, serve_logic
from angzarr_client._upcast import UpcastRouter

__all__ = [
    "BESIDE",
    "CREATE_PLACES",
    "DELETE_PLACES",
    "MOVE_PLACES",
    "Client",
    "CommandContext",
    "CommandError",
    "CommandRejectedError",
    "CommandRouter",
    "Decision",
    "EventContext",
    "InvalidCommandError",
    "LogicError",
    "ProcessRouter",
    "ProjectorRouter",
    "Router",
    "SagaRouter",
    "StateRouter",
    "Transaction",
    "TryAgainError",
    "UndeclaredOutputError",
    "UpcastRouter",
    "require",
    "serve",
    "serve_logic",
]
