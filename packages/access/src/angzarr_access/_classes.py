"""The class of every RPC (security.md §5)."""

from enum import StrEnum
from typing import Final


class Class(StrEnum):
    """What a caller is entitled to; every RPC needs exactly one."""

    OPEN = "open"
    COMMAND = "command"
    READ = "read"
    SPECULATE = "speculate"
    OPERATE = "operate"
    COMPONENT = "component"


_METHODS = {
    Class.OPEN: {"grpc.health.v1.Health": "Check Watch"},
    Class.COMMAND: {"angzarr.CommandGateway": "Execute ExecuteSync ExecuteStream"},
    Class.READ: {
        "angzarr.EventQuery": "GetEventBook GetEvents Synchronize GetAggregateRoots",
        "angzarr.EventStream": "Subscribe",
        "angzarr.EventFeed": "Read Head",
        "angzarr.Progress": "Await List",
        "angzarr.DeadLetters": "List",
        "angzarr.Timers": "List",
        "angzarr.EditionService": "ListEditions",
        "angzarr.ProjectorRebuild": "Get Compare",
    },
    Class.SPECULATE: {
        "angzarr.SpeculativeService": (
            "DryRunCommand SpeculateProjector SpeculateSaga SpeculateProcessManager"
        ),
        "angzarr.AggregateCoordinator": "DryRunHandle",
    },
    Class.OPERATE: {
        "angzarr.DeadLetters": "Get Replay Discard",
        "angzarr.Timers": "Cancel",
        "angzarr.Progress": "SetPaused",
        "angzarr.EditionService": "CreateEdition DeleteEdition",
        "angzarr.ProjectorRebuild": "Begin Switch Cancel",
    },
    Class.COMPONENT: {
        "angzarr.AggregateCoordinator": "Handle HandleSync",
        "angzarr.SagaCoordinator": "ExecuteSpeculative",
        "angzarr.ProcessManagerCoordinator": "HandleSpeculative",
        "angzarr.ProjectorCoordinator": "HandleSync Handle HandleSpeculative",
        "angzarr.CoordinatorLink": "Open",
        "angzarr.LogicLink": "Open",
        "angzarr.Aggregate": "GetDescriptor Handle",
        "angzarr.Saga": "GetDescriptor Prepare Execute",
        "angzarr.ProcessManager": "GetDescriptor Prepare Handle",
        "angzarr.Projector": "GetDescriptor Handle",
        "angzarr.ReadModel": "Begin Switch",
        "angzarr.Upcaster": "Upcast",
    },
}

CLASSES: Final = {
    f"/{service}/{name}": kind
    for kind, services in _METHODS.items()
    for service, names in services.items()
    for name in names.split(" ")
}
