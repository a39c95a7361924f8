"""What is kept of components and their traffic, and for how long."""

from angzarr.progress_pb2 import ComponentProgress
from angzarr.types_pb2 import ComponentDescriptor, Target
from angzarr_topology._causes import REMEMBERED, Causes
from angzarr_topology._graph import SILENT_SECONDS, Graph
from angzarr_topology._traffic import Seen, Traffic

from .conftest import book


def component(name: str, kind: str, *inputs: str) -> ComponentDescriptor:
    """Return a descriptor."""
    return ComponentDescriptor(
        name=name, component_type=kind, inputs=[Target(domain=it) for it in inputs]
    )


def seen(position: int) -> Seen:
    """Return an event."""
    return Seen(position=position, edition="angzarr", type_name="x.Y", correlation_id="", at=0)


def test_a_component_vanishes_with_its_last_instance() -> None:
    """90 s after it was last heard of; what was counted of it goes too, and edges with it."""
    graph = Graph()
    graph.hear(component("order", "aggregate"), "order", 0)
    graph.hear(component("p", "projector", "order"), "", 0)
    graph.read(book("order", 1), 0)
    graph.progress(ComponentProgress(component="p", domain="order", position=1, head=1), 0)
    before = [(it.source, it.target, it.traffic.total("")) for it in graph.edges()]
    graph.heard("order", SILENT_SECONDS / 2)
    graph.heard("nobody", SILENT_SECONDS / 2)
    graph.expire(SILENT_SECONDS)
    graph.progress(ComponentProgress(component="p", domain="order", position=1, parked=1), 0)
    after = [it.name for it in graph.components()], graph.edges()
    graph.hear(component("p", "projector", "order"), "", SILENT_SECONDS)

    assert before == [("order", "p", 1)]
    assert after == (["order"], [])
    assert [it.traffic.total("") for it in graph.edges()] == [0]


def test_a_process_manager_has_no_edge_to_itself() -> None:
    """It reads its own log for timers, which is nobody's traffic."""
    graph = Graph()
    graph.hear(component("pm", "process_manager", "pm", "order"), "", 0)
    graph.hear(component("order", "aggregate"), "order", 0)
    graph.read(book("pm", 1), 0)
    graph.progress(ComponentProgress(component="pm", domain="pm", position=1), 0)

    assert [(it.source, it.target) for it in graph.edges()] == [("order", "pm")]
    assert (graph.components()[1].domain, graph.traffic("pm").total("")) == ("pm", 1)


def test_lately_ends() -> None:
    """An event counts for a rate as long as it is within the window, in all for ever."""
    traffic = Traffic()
    for second in (0.0, 10.0, 400.0):
        traffic.count(seen(1), second)

    assert traffic.total("") == 3
    assert [traffic.rate("", now, 60) * 60 for now in (400.0, 500.0)] == [1, 0]


def test_causes_are_bounded() -> None:
    """What is remembered of commands and of effects without a cause does not grow for ever."""
    causes = Causes()
    for number in range(REMEMBERED):
        causes.expect("saga", ("order", "angzarr", bytes(16), number))
        causes.sender(f"unknown {number}", ("stock", seen(1)))
    causes.sender("one more", ("stock", seen(1)))

    assert (len(causes._senders), len(causes._effects)) == (REMEMBERED, REMEMBERED)  # noqa: SLF001 - what is held
