"""From the file of an application to the processes it needs (operations.md §9)."""

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from angzarr_plan._facts import Facts, Inquiry
from angzarr_plan._health import Health
from angzarr_plan._launch import Launch, Stage
from angzarr_plan._places import GATEWAY, STREAM, TOPOLOGY, Places
from angzarr_settings import (
    BehaviourSettings,
    ComponentSettings,
    DiscoverySettings,
    EndpointSettings,
    MemberSettings,
    MonitoringSettings,
    ProjectSettings,
    Settings,
    SettingsError,
    SharedSettings,
    as_environment,
    logic_environment,
)

INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
SERVED = frozenset({"aggregate", "saga", "projector", "process_manager"})
MONITORING = "monitoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The launches of a project in its run directory; `environment` is the supervisor's own."""

    project: ProjectSettings
    directory: Places
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
            kind = _guessed_kind(name, member)
            told = logic_environment(kind, name, str(self.directory.path), member.port)
            health = "connect" if member.logic_health == "connect" else "grpc"
            yield Launch(
                name=name,
                role="logic",
                component=name,
                stage=Stage.LOGIC,
                argv=_found(member.run),
                directory=self.project.home,
                environment={**self._inherited(), **told, **member.env},
                health=Health(kind=health, address=self._logic_address(name)),
                after=tuple(it for it in member.after if it in self.project.components),
            )

    def inquiries(self) -> Iterator[Inquiry]:
        """Yield the questions that complete the file, once all logic is healthy."""
        for name, member in self.project.components.items():
            yield Inquiry(name=name, member=member, logic=self._logic_address(name))

    def coordinators(self, facts: Sequence[Facts]) -> Iterator[Launch]:
        """Yield our own processes; each knows all components and what they read.

        Raises:
            SettingsError: a kind is not served, or a socket's path is too long.
        """
        facts = [*facts, *Facts.built_in(facts)]
        endpoints = tuple(self._endpoint(it) for it in facts)
        discovery = DiscoverySettings(endpoints=endpoints)
        for it in facts:
            for suffix, address in self._replicas(it).items():
                yield self._ours(
                    name=f"coordinator-{it.name}{suffix}",
                    role="coordinator",
                    stage=Stage.AGGREGATE if it.kind == "aggregate" else Stage.SUBSCRIBER,
                    script=f"angzarr-coordinator-{it.kind.replace('_', '-')}",
                    settings=self._settings(address, self._component(it), discovery, suffix),
                )
        for name, address in ((STREAM, self.stream), (TOPOLOGY, self.topology)):
            yield self._ours(
                name=name,
                role=name,
                stage=Stage.SUBSCRIBER,
                script=f"angzarr-{name}",
                settings=self._settings(address, ComponentSettings(name=name), discovery),
            )
        yield self._gateway(discovery)

    @property
    def stream(self) -> str:
        """Return where the stream service listens; with no address given, on a socket."""
        return self.project.stream.listen or self.directory.socket(STREAM)

    @property
    def topology(self) -> str:
        """Return where the graph is served over HTTP; as `stream`."""
        return self.project.topology.listen or self.directory.socket(TOPOLOGY)

    @property
    def gateway(self) -> str:
        """Return where the gateway listens; as `stream`."""
        return self.project.gateway.listen or self.directory.socket(GATEWAY)

    @property
    def monitoring(self) -> str:
        """Return where the supervisor serves health and metrics; as `stream`."""
        return self.project.monitoring.listen or self.directory.socket(MONITORING)

    def _gateway(self, discovery: DiscoverySettings) -> Launch:
        told = self._settings(self.gateway, ComponentSettings(name=GATEWAY), discovery)
        settings = dataclasses.replace(
            told,
            reflection=True,
            event_stream=self.stream,
            stream_timeout=self.project.gateway.stream_timeout,
        )
        return self._ours(
            name=GATEWAY,
            role=GATEWAY,
            stage=Stage.GATEWAY,
            script="angzarr-gateway",
            settings=settings,
        )

    def _replicas(self, facts: Facts) -> dict[str, str]:
        """Return the address of each coordinator of a component, by what tells it from others."""
        if facts.kind not in SERVED:
            what = f"components.{facts.name}.kind is {facts.kind}, which is not served yet"
            raise SettingsError(what, self.project.home, "Remove the component.")
        owned = f"aggregate-{facts.domain}"
        place = owned if facts.kind == "aggregate" else f"coordinator-{facts.name}"
        count = self.project.replicas_of(facts.name)
        suffixes = [f".{number + 1}" for number in range(count)] if count > 1 else [""]
        return {suffix: self.directory.socket(f"{place}{suffix}") for suffix in suffixes}

    def _logic_address(self, name: str) -> str:
        member = self.project.components[name]
        if member.address:
            return member.address
        if member.port:
            return f"127.0.0.1:{member.port}"
        kind = _guessed_kind(name, member)
        told = logic_environment(kind, name, str(self.directory.path), 0)
        return self.directory.socket(f"{told['SERVICE_NAME']}-{name}")

    def _component(self, facts: Facts) -> ComponentSettings:
        member = self.project.components.get(facts.name, BehaviourSettings())
        behaviour = _fields(BehaviourSettings, member)
        known = {**behaviour, "inputs": facts.inputs, "outputs": facts.outputs}
        return ComponentSettings(name=facts.name, domain=facts.domain, logic=facts.logic, **known)

    def _endpoint(self, facts: Facts) -> EndpointSettings:
        first, *others = self._replicas(facts).values()
        return EndpointSettings(
            name=facts.name,
            kind=facts.kind,
            address=(first, *others) if others else first,
            domain=facts.domain,
            inputs=facts.inputs,
            outputs=facts.outputs,
            asynchronous=facts.asynchronous,
        )

    def _settings(
        self,
        listen: str,
        component: ComponentSettings,
        discovery: DiscoverySettings,
        suffix: str = "",
    ) -> Settings:
        shared = _fields(SharedSettings, self.project)
        told = self.project.bus
        bus = dataclasses.replace(told, url=told.url or str(self.directory.path))
        is_shared = self.project.store.shared or bool(suffix)
        store = dataclasses.replace(self.project.store, shared=is_shared)
        monitoring = self.directory.socket(f"monitor-{component.name}{suffix}")
        return Settings(
            listen=listen,
            monitoring=MonitoringSettings(listen=monitoring),
            component=component,
            discovery=discovery,
            **{**shared, "store": store, "bus": bus},
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
            health=Health(kind="connect" if role == TOPOLOGY else "grpc", address=settings.listen),
            monitoring=settings.monitoring.listen,
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


def _guessed_kind(name: str, member: MemberSettings) -> str:
    """Return the kind that decides a socket's name before the logic can be asked."""
    prefix = name.partition("-")[0]
    return member.kind or (prefix if prefix in SERVED else "aggregate")


def _found(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command line; a bare name is looked for beside this Python first."""
    beside = Path(sys.executable).parent / argv[0]
    if "/" not in argv[0] and beside.exists():
        return (str(beside), *argv[1:])
    return argv
