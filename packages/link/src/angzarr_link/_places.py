"""Which methods travel within a link, and where in its frames (contract.md §2.2, §2.3).

What DESCRIBING ask for is in the hello of logic, if anywhere in a link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from angzarr import Method, rpc

LinkMethod = Method[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A method, the link that it travels within, and the fields of its request and its reply.

    `repeats`: the call may be made again although its first try may have acted; ADR 14.
    """

    method: Method[Any, Any]
    link: LinkMethod
    call: str
    result: str
    repeats: bool = True

    def work(self, implementations: Mapping[str, object]) -> Any:  # noqa: ANN401 - by name
        """Return what answers the method, None without it; implementations by their service."""
        return getattr(implementations.get(self.method.service), self.method.name, None)


def _logic(method: Method[Any, Any], call: str, result: str) -> Place:
    return Place(method=method, link=rpc.LogicLink.Open, call=call, result=result)


def _owner(method: Method[Any, Any], call: str, result: str, *, repeats: bool) -> Place:
    link = rpc.CoordinatorLink.Open
    return Place(method=method, link=link, call=call, result=result, repeats=repeats)


PLACES = (
    _logic(rpc.Aggregate.Handle, "handle", "handled"),
    _logic(rpc.Saga.Prepare, "saga_prepare", "saga_prepared"),
    _logic(rpc.Saga.Execute, "saga_execute", "saga_executed"),
    _logic(rpc.ProcessManager.Prepare, "process_prepare", "process_prepared"),
    _logic(rpc.ProcessManager.Handle, "process_handle", "process_handled"),
    _logic(rpc.Projector.Handle, "project", "projected"),
    _logic(rpc.Upcaster.Upcast, "upcast", "upcasted"),
    _owner(rpc.AggregateCoordinator.Handle, "command", "commanded", repeats=False),
    _owner(rpc.AggregateCoordinator.HandleSync, "command_sync", "commanded", repeats=False),
    _owner(rpc.EventQuery.GetEventBook, "query", "queried", repeats=True),
)
BY_PATH = {place.method.path: place for place in PLACES}
DESCRIBING = {
    rpc.Aggregate.GetDescriptor.path,
    rpc.Saga.GetDescriptor.path,
    rpc.ProcessManager.GetDescriptor.path,
    rpc.Projector.GetDescriptor.path,
}
