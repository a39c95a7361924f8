"""What a file of an application becomes."""

from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import grpc
import pytest

from angzarr.projector_pb2_grpc import ProjectorServicer, add_ProjectorServicer_to_server
from angzarr.types_pb2 import ComponentDescriptor, Target
from angzarr_plan import Facts, Inquiry, Places, Plan
from angzarr_service import Channels
from angzarr_settings import (
    InterestSettings,
    MemberSettings,
    ProjectSettings,
    SettingsError,
    load,
    load_project,
)

ENVIRONMENT = {"PATH": "/bin", "HOME": "/h", "SECRET": "x", "OTEL_X": "y", "ANGZARR_STORE": "z"}


def plan(project: ProjectSettings, place: Path) -> Plan:
    """Return the plan of a project."""
    directory = Places(place / "run")
    mark = {"SUPERVISED_BY": "me"}
    return Plan(project=project, directory=directory, environment=ENVIRONMENT, mark=mark)


def facts(name: str, kind: str, domain: str = "", **interests: str) -> Facts:
    """Return a complete component."""
    told = {key: (InterestSettings(domain=it),) for key, it in interests.items()}
    return Facts(
        name=name,
        kind=kind,
        domain=domain,
        logic=f"unix:/l/{name}.sock",
        inputs=told.get("inputs", ()),
        outputs=told.get("outputs", ()),
    )


def test_logic_is_told_where_to_listen_and_nothing_else(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """The contract's variables and the basic ones; nothing else of the supervisor's."""
    (launch,) = plan(project("order"), place).logic()

    assert launch.environment == {
        "PATH": "/bin",
        "HOME": "/h",
        "OTEL_X": "y",
        "PYTHONUNBUFFERED": "1",
        "SUPERVISED_BY": "me",
        "SERVICE_NAME": "business",
        "DOMAIN": "order",
        "TRANSPORT_TYPE": "uds",
        "UDS_BASE_PATH": str(place / "run"),
    }
    assert launch.health.address == f"unix:{place}/run/business-order.sock"


def test_every_coordinator_knows_all_components(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """What a coordinator is told by variables is what the facts say, with the file's settings."""
    known = (facts("order", "aggregate", "order"), facts("saga-a", "saga", inputs="order"))
    chosen = "numbering: assign, compensation: {fallback: {emit: false, escalate: true}}"
    made = project("order", more=f"  saga-a: {{run: [x], {chosen}}}")
    launches = list(plan(made, place).coordinators(known))

    assert [it.name for it in launches] == [
        "coordinator-order",
        "coordinator-saga-a",
        "coordinator-angzarr.saga-failures",
        "stream",
        "topology",
        "gateway",
    ]
    saga = load([], launches[1].environment)
    assert (saga.component.name, saga.component.numbering) == ("saga-a", "assign")
    fallback = saga.component.compensation.fallback
    assert (fallback.emit, fallback.dead_letter, fallback.escalate) == (False, False, True)
    assert saga.component.inputs == (InterestSettings(domain="order"),)
    assert [(it.name, *it.addresses) for it in saga.discovery.endpoints] == [
        ("order", f"unix:{place}/run/aggregate-order.sock"),
        ("saga-a", f"unix:{place}/run/coordinator-saga-a.sock"),
        ("angzarr.saga-failures", f"unix:{place}/run/aggregate-angzarr.saga-failures.sock"),
    ]
    records = load([], launches[2].environment)
    assert (records.component.domain, records.component.logic) == ("angzarr.saga-failures", "")
    stream, topology, gateway = (load([], it.environment) for it in launches[3:])
    ports = [it.listen.partition(":")[2] for it in (stream, topology, gateway)]
    assert ports == ["1340", "9099", "9084"]
    assert (gateway.reflection, gateway.event_stream) == (True, stream.listen)


def test_each_replica_is_a_process(project: Callable[..., ProjectSettings], place: Path) -> None:
    """They differ in their sockets, share the log, and others know all of them."""
    ports = "store: {kind: postgres, url: 'postgresql://localhost/shop'}\nbus: {kind: nats, url: 'nats://localhost'}"
    made = project("order", more=f"  saga-a: {{run: [x], replicas: 1}}\nreplicas: 2\n{ports}")
    known = (facts("order", "aggregate", "order"), facts("saga-a", "saga", inputs="order"))

    launches = {it.name: it for it in plan(made, place).coordinators(known)}

    assert [it for it in launches if it.startswith("coordinator")] == [
        "coordinator-order.1",
        "coordinator-order.2",
        "coordinator-saga-a",
        "coordinator-angzarr.saga-failures.1",
        "coordinator-angzarr.saga-failures.2",
    ]
    first, second, saga = (load([], it.environment) for it in [*launches.values()][:3])
    places = tuple(f"unix:{place}/run/aggregate-order.{number}.sock" for number in (1, 2))
    assert (first.listen, second.listen) == places
    assert first.monitoring.listen != second.monitoring.listen
    assert [it.store.shared for it in (first, second, saga)] == [True, True, False]
    assert saga.discovery.endpoints[0].addresses == places


def test_a_log_that_the_file_shares_is_shared(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """One coordinator may have others beside it that somebody else starts."""
    made = project("order", more="store: {shared: true}")
    launch, *_ = plan(made, place).coordinators((facts("order", "aggregate", "order"),))

    assert load([], launch.environment).store.shared


@pytest.mark.parametrize(
    ("more", "kind", "url", "credentials"),
    [
        ("", "ipc", "{place}/run", ""),
        (
            "bus: {kind: nats, url: 'nats://localhost', credentials: secret/nats}",
            "nats",
            "nats://localhost",
            "{place}/secret/nats",
        ),
    ],
)
def test_every_process_meets_at_the_bus_of_the_file(
    project: Callable[..., ProjectSettings],
    place: Path,
    more: str,
    kind: str,
    url: str,
    credentials: str,
) -> None:
    """Without a url it is the run directory; a file of a login is relative to the project's."""
    launches = plan(project("order", more=more), place).coordinators((facts("order", "aggregate"),))

    found = {load([], it.environment).bus for it in launches}
    assert [(it.kind, it.url, it.credentials) for it in found] == [
        tuple(text.format(place=place) for text in (kind, url, credentials))
    ]


@pytest.mark.parametrize(
    ("stated", "told", "lazy"),
    [(None, False, False), (None, True, True), (True, True, False), (False, False, True)],
)
async def test_the_file_says_whether_a_projector_is_awaited(
    place: Path, *, stated: bool | None, told: bool, lazy: bool
) -> None:
    """`sync` in the file wins over the descriptor; discovery carries it to everybody."""
    logic, server = f"unix:{place}/view.sock", grpc.aio.server()
    add_ProjectorServicer_to_server(Described(asynchronous=told), server)
    server.add_insecure_port(logic)
    await server.start()
    member = MemberSettings(address=logic, kind="projector", sync=stated)

    async with aclosing(Channels()) as channels:
        found = await Inquiry(name="view", member=member, logic=logic).facts(channels)
    await server.stop(None)

    assert found.asynchronous is lazy


class Described(ProjectorServicer):  # type: ignore[misc]  # an untyped base of generated code
    """A projector that says whether it wants to be awaited."""

    def __init__(self, *, asynchronous: bool) -> None:
        self._told = ComponentDescriptor(asynchronous=asynchronous, inputs=[Target(domain="order")])

    async def GetDescriptor(self, _request: object, _context: object) -> ComponentDescriptor:  # noqa: N802 - the name on the wire
        """Return what it says of itself."""
        return self._told


def test_only_who_sends_commands_needs_records_of_failures(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """Without a saga there is no coordinator of angzarr.saga-failures."""
    known = (facts("order", "aggregate", "order"), facts("p", "projector", inputs="order"))
    made = project("order", more="  p: {run: [x]}")

    names = [it.name for it in plan(made, place).coordinators(known)]

    assert names == ["coordinator-order", "coordinator-p", "stream", "topology", "gateway"]


def test_a_component_elsewhere_is_not_started(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """An address in the file is where its logic is asked."""
    made = plan(project(more="  far: {kind: aggregate, address: 'localhost:50330'}"), place)

    assert list(made.logic()) == []
    assert [it.logic for it in made.inquiries()] == ["localhost:50330"]


def test_a_kind_that_is_not_served_is_refused(
    project: Callable[..., ProjectSettings], place: Path
) -> None:
    """The sentence names the component and its kind."""
    made = plan(project(more="  pm: {run: [x]}"), place)

    with pytest.raises(SettingsError, match=r"components\.pm\.kind is oracle"):
        list(made.coordinators([facts("pm", "oracle")]))


def test_a_long_run_directory_is_refused(place: Path) -> None:
    """A socket's path has at most 107 bytes; the fix names the variable."""
    directory = Places(place / ("x" * 100))

    with pytest.raises(SettingsError, match=r"the limit is 107.*ANGZARR_RUN_DIR"):
        directory.socket("aggregate-order")


def test_a_plain_service_starts_first(place: Path) -> None:
    """Services have a stage of their own and their own kind of health."""
    (place / "angzarr.yaml").write_text(
        "services: {fraud: {run: [x], env: {PORT: '1'}, health: {http: 'http://h:1/health'}}}"
    )
    (launch,) = plan(load_project([f"--config={place}/angzarr.yaml"], {}), place).services()

    assert (launch.stage, launch.health.kind, launch.environment["PORT"]) == (0, "http", "1")
