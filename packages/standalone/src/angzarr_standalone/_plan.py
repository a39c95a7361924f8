"""From the file of an application to the processes it needs (operations.md §9)."""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from angzarr.types_pb2 import ComponentDescriptor
from angzarr_settings import (
    BehaviourSettings,
    BusSettings,
    ComponentSettings,
    DiscoverySettings,
    EndpointSettings,
    InterestSettings,
    ProjectSettings,
    Settings,
    SettingsError,
    SharedSettings,
    as_environment,
    logic_environment,
)
from angzarr_standalone._health import Health
from angzarr_standalone._launch import Launch, Stage
from angzarr_standalone._run_directory import RunDirectory
from angzarr_standalone._status import ComponentStatus, InterestStatus

INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
COORDINATORS = {
    "aggregate": "angzarr-coordinator-aggregate",
    "saga": "angzarr-coordinator-saga",
    "projector": "angzarr-coordinator-projector",
}
GATEWAY = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The launches of a project in its run directory; `environment` is the supervisor's own."""

    project: ProjectSettings
    directory: RunDirectory
    environment: Mapping[str, str]
    mark: Mapping[str, str]

    def services(self) -> Iterator[Launch]:
        """Yield the plain processes of the file."""
        for name, service in self.project.services.items():
            health = service.health
            kind = next((it for it in ("http", "grpc", "tcp") if getattr(health, it)), "none")
            address = getattr(health, kind, "")
            yield Launch(
                name=name,
                role="service",
                component=name,
                stage=Stage.SERVICE,
                argv=_found(service.run),
                directory=self.project.home,
                environment={**self._inherited(), **service.env},
                health=Health(kind=kind, address=address),
                timeout_seconds=health.timeout_seconds,
                after=tuple(it for it in service.after if it in self.project.services),
            )

    def logic(self) -> Iterator[Launch]:
        """Yield the author's processes."""
        for name, member in self.project.components.items():
            if not member.run:
                continue
            told = logic_environment(self.kind(name), name, str(self.directory.path), member.port)
            yield Launch(
                name=name,
                role="logic",
                component=name,
                stage=Stage.LOGIC,
                argv=_found(member.run),
                directory=self.project.home,
                environment={**self._inherited(), **told, **member.env},
                health=Health(
                    kind="connect" if member.logic_health == "connect" else "grpc",
                    address=self.logic_address(name),
                ),
                after=tuple(it for it in member.after if it in self.project.components),
            )

    def coordinators(self, described: Mapping[str, ComponentDescriptor]) -> Iterator[Launch]:
        """Yield our own processes; each knows all components and what they read.

        Raises:
            SettingsError: a subscriber has no inputs.
        """
        components = {
            name: self._component(name, described.get(name)) for name in self.project.components
        }
        discovery = DiscoverySettings(
            endpoints=tuple(self._endpoint(component) for component in components.values())
        )
        for name, component in components.items():
            kind = self.kind(name)
            yield self._ours(
                name=f"coordinator-{name}",
                role="coordinator",
                stage=Stage.AGGREGATE if kind == "aggregate" else Stage.SUBSCRIBER,
                script=COORDINATORS[kind],
                settings=self._settings(self.address(name), component, discovery),
            )
        yield self._ours(
            name=GATEWAY,
            role=GATEWAY,
            stage=Stage.GATEWAY,
            script="angzarr-gateway",
            settings=self._settings(
                self.project.gateway.listen, ComponentSettings(name=GATEWAY), discovery
            ),
        )

    def components(
        self, described: Mapping[str, ComponentDescriptor]
    ) -> tuple[ComponentStatus, ...]:
        """Return what every component is, for the status."""
        found = (self._component(name, described.get(name)) for name in self.project.components)
        return tuple(
            ComponentStatus(
                name=it.name,
                kind=self.kind(it.name),
                domain=it.domain,
                inputs=tuple(InterestStatus(domain=i.domain, types=i.types) for i in it.inputs),
                outputs=tuple(InterestStatus(domain=i.domain, types=i.types) for i in it.outputs),
            )
            for it in found
        )

    def kind(self, name: str) -> str:
        """Return the kind of a component: what the file says, else what its name says.

        Raises:
            SettingsError: the kind is not served yet.
        """
        stated = self.project.components[name].kind.replace("-", "_")
        prefix = name.partition("-")[0]
        kind = stated or (prefix if prefix in COORDINATORS else "aggregate")
        if kind not in COORDINATORS:
            what = f"components.{name}.kind is {kind}, which is not served yet"
            raise SettingsError(what, self.project.home, "Remove the component.")
        return kind

    def address(self, name: str) -> str:
        """Return where the coordinator of a component listens."""
        if self.kind(name) == "aggregate":
            return self.directory.socket(f"aggregate-{self._domain(name)}")
        return self.directory.socket(f"coordinator-{name}")

    def logic_address(self, name: str) -> str:
        """Return where the logic of a component listens."""
        member = self.project.components[name]
        if member.address:
            return member.address
        if member.port:
            return f"127.0.0.1:{member.port}"
        told = logic_environment(self.kind(name), name, str(self.directory.path), 0)
        return self.directory.socket(f"{told['SERVICE_NAME']}-{name}")

    def _domain(self, name: str) -> str:
        return self.project.components[name].domain or name

    def _component(self, name: str, told: ComponentDescriptor | None) -> ComponentSettings:
        member = self.project.components[name]
        inputs = member.inputs or _interests(told, "inputs")
        if self.kind(name) != "aggregate" and not inputs:
            what = f"{name} has no inputs: its descriptor did not answer and the file states none"
            raise SettingsError(what, self.project.home, f"State components.{name}.inputs.")
        outputs = member.outputs or _interests(told, "outputs")
        behaviour = _fields(BehaviourSettings, member)
        return ComponentSettings(
            name=name,
            domain=self._domain(name) if self.kind(name) == "aggregate" else "",
            logic=self.logic_address(name),
            **{**behaviour, "inputs": inputs, "outputs": outputs},
        )

    def _endpoint(self, component: ComponentSettings) -> EndpointSettings:
        return EndpointSettings(
            name=component.name,
            kind=self.kind(component.name),
            address=self.address(component.name),
            domain=component.domain,
            inputs=component.inputs,
            outputs=component.outputs,
        )

    def _settings(
        self, listen: str, component: ComponentSettings, discovery: DiscoverySettings
    ) -> Settings:
        shared = _fields(SharedSettings, self.project)
        bus = BusSettings(kind=self.project.bus.kind, url=str(self.directory.path))
        return Settings(
            listen=listen,
            reflection=component.name == GATEWAY,
            component=component,
            discovery=discovery,
            **{**shared, "bus": bus},
        )

    def _ours(
        self, *, name: str, role: str, stage: Stage, script: str, settings: Settings
    ) -> Launch:
        return Launch(
            name=name,
            role=role,
            component=settings.component.name,
            stage=stage,
            argv=_found((script,)),
            directory=self.project.home,
            environment={**self._inherited(), **as_environment(settings)},
            health=Health(kind="grpc", address=settings.listen),
        )

    def _inherited(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in self.environment.items()
            if name in INHERITED or name.startswith("OTEL_")
        }
        return {**kept, "PYTHONUNBUFFERED": "1", **self.mark}


def _fields(kind: type[Any], source: object) -> dict[str, Any]:
    """Return the values that `source` has for the keys of a base class of its own."""
    return {it.name: getattr(source, it.name) for it in dataclasses.fields(kind)}


def _interests(told: ComponentDescriptor | None, field: str) -> tuple[InterestSettings, ...]:
    targets = getattr(told, field) if told is not None else ()
    return tuple(InterestSettings(domain=it.domain, types=tuple(it.types)) for it in targets)


def _found(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line; a bare name is looked for beside this Python first."""
    beside = Path(sys.executable).with_name(argv[0])
    if "/" not in argv[0] and beside.exists():
        return (str(beside), *argv[1:])
    return argv
