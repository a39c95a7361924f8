"""The file that describes a whole application: angzarr.yaml (operations.md §9)."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from angzarr_settings._convert import build, check_address
from angzarr_settings._errors import SettingsError
from angzarr_settings._load import read_tree
from angzarr_settings._settings import (
    GATEWAY_PORT,
    MONITORING_PORT,
    STREAM_PORT,
    TOPOLOGY_PORT,
    BehaviourSettings,
    MonitoringSettings,
    SharedSettings,
)

PROJECT_FILE = "angzarr.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """Where the gateway listens: HOST:PORT, or empty for a socket in the run directory.

    A command's stream ends `stream_timeout` seconds after its last event.
    """

    listen: str = f"127.0.0.1:{GATEWAY_PORT}"
    stream_timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """Where the stream service listens: as the gateway."""

    listen: str = f"127.0.0.1:{STREAM_PORT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopologySettings:
    """Where the graph of components is served over HTTP: as the gateway."""

    listen: str = f"127.0.0.1:{TOPOLOGY_PORT}"


PartT = TypeVar("PartT", GatewaySettings, MonitoringSettings, StreamSettings, TopologySettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """How a plain process says that it is ready: one of three addresses, none means at once."""

    http: str = ""
    grpc: str = ""
    tcp: str = ""
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSettings:
    """A plain process: its command line, environment, and what starts before it."""

    run: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    health: HealthSettings = field(default_factory=HealthSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSettings(BehaviourSettings):
    """One component of the application: either `run`, a command line, or `address`.

    What is left empty of `kind`, `domain`, `inputs` and `outputs` comes from its descriptor;
    `replicas` is how many coordinators it has, 0 as many as all components of the application.
    """

    run: tuple[str, ...] = ()
    address: str = ""
    port: int = 0
    replicas: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    kind: Literal["", "aggregate", "saga", "projector", "process_manager"] = ""
    domain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings(SharedSettings):
    """An application and everything its processes share; `home` is the directory of the file.

    `replicas` is how many coordinators a component has.
    """

    home: str = "."
    project: str = ""
    run_dir: str = ""
    replicas: int = 1
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    stream: StreamSettings = field(default_factory=StreamSettings)
    topology: TopologySettings = field(default_factory=TopologySettings)
    monitoring: MonitoringSettings = field(
        default_factory=lambda: MonitoringSettings(listen=f"127.0.0.1:{MONITORING_PORT}")
    )
    components: Mapping[str, MemberSettings] = field(default_factory=dict)
    services: Mapping[str, ProcessSettings] = field(default_factory=dict)

    @property
    def listeners(self) -> Mapping[str, str]:
        """Return by its key every address of our own that is not left to the run directory."""
        names = ("gateway", "monitoring", "stream", "topology")
        told = {f"{name}.listen": str(getattr(self, name).listen) for name in names}
        return {key: address for key, address in told.items() if address}

    def replicas_of(self, component: str) -> int:
        """Return how many coordinators a component has."""
        member = self.components.get(component)
        return (member.replicas if member is not None else 0) or self.replicas

    def without_tcp(self) -> "ProjectSettings":
        """Return the project with sockets in the run directory in place of ports."""

        def local(part: PartT) -> PartT:
            is_local = part.listen.startswith("unix:")
            return part if is_local else dataclasses.replace(part, listen="")

        return dataclasses.replace(
            self,
            gateway=local(self.gateway),
            monitoring=local(self.monitoring),
            stream=local(self.stream),
            topology=local(self.topology),
        )


def load_project(
    arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> ProjectSettings:
    """Return the application that --config, ANGZARR_CONFIG or ./angzarr.yaml describes.

    Shape: relative paths are relative to the file.

    Raises:
        SettingsError: there is no file, a key is unknown or a value is wrong.
    """
    variables = os.environ if environment is None else environment
    tree, file = read_tree(arguments, variables, default_file=PROJECT_FILE)
    if not file:
        what = f"there is no {PROJECT_FILE} here"
        raise SettingsError(what, str(Path.cwd()), "Give --config FILE or run `angzarr new`.")
    project: ProjectSettings = build(ProjectSettings, tree)
    home = Path(file).resolve().parent
    places = project.store.export, project.store.export_key, project.bus.credentials
    export, key, login = (str(home / it) if it else "" for it in places)
    directory = project.store.directory
    url = str(home / directory) if directory else project.store.url
    store = dataclasses.replace(project.store, url=url, export=export, export_key=key)
    bus = dataclasses.replace(project.bus, credentials=login)
    found = dataclasses.replace(project, home=str(home), store=store, bus=bus)
    _check(found)
    return found


def _check(project: ProjectSettings) -> None:
    for key, address in project.listeners.items():
        check_address(key, address)
    _check_replicas("replicas", project.replicas, project)
    for name, member in project.components.items():
        if bool(member.run) == bool(member.address):
            what = f"components.{name} has {'both' if member.run else 'neither'} run and address"
            raise SettingsError(what, project.home, "Give exactly one of them.")
        if member.address:
            check_address(f"components.{name}.address", member.address)
        if member.upcaster.address:
            check_address(f"components.{name}.upcaster.address", member.upcaster.address)
        _check_replicas(f"components.{name}.replicas", member.replicas or 1, project)
        _check_order(name, member.after, project)


def _check_replicas(key: str, count: int, project: ProjectSettings) -> None:
    if count < 1:
        raise SettingsError(f"{key} is {count}", project.home, "Make it 1 or more.")
    if count > 1 and (project.store.directory or not project.bus.url):
        ports = f"store {project.store.kind} and bus {project.bus.kind}"
        what = f"{key} is {count}, but {ports} are not both for several processes"
        raise SettingsError(what, project.home, "Use store postgres and bus nats, each with a url.")


def _check_order(name: str, after: Sequence[str], project: ProjectSettings) -> None:
    for other in after:
        if other not in {*project.components, *project.services}:
            what = f"components.{name}.after names {other!r}, which does not exist"
            raise SettingsError(what, project.home, "Name a component or a service.")
