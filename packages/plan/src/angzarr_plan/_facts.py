"""What a component is: what the file says, completed by its descriptor (experience.md §6)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import ComponentDescriptor, GetDescriptorRequest, Target
from angzarr_descriptor import DESCRIPTOR_METHODS
from angzarr_service import CallError, Channels
from angzarr_settings import InterestSettings, MemberSettings, SettingsError

SENDERS = frozenset({"saga", "process_manager"})
OWNERS = frozenset({"aggregate", "process_manager"})
TIMEOUT_SECONDS = 2.0
OVERRULED = "component.overruled"

_LOG = logging.getLogger("angzarr.plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One component, complete; `logic` is where its logic serves, `domain` what it owns or ""."""

    name: str
    kind: str
    domain: str
    logic: str
    inputs: tuple[InterestSettings, ...] = ()
    outputs: tuple[InterestSettings, ...] = ()
    asynchronous: bool = False

    @staticmethod
    def built_in(facts: "Sequence[Facts]") -> "list[Facts]":
        """Return what we add to an application: who sends commands needs a record of failures."""
        if not {it.kind for it in facts} & SENDERS:
            return []
        return [Facts(name=FAILURE_DOMAIN, kind="aggregate", domain=FAILURE_DOMAIN, logic="")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """The question to one component's logic."""

    name: str
    member: MemberSettings
    logic: str

    async def facts(self, channels: Channels) -> Facts:
        """Return what file and descriptor say together; where both speak, the file wins.

        Raises:
            SettingsError: neither names the kind, or an input of a subscriber.
        """
        told = await self._descriptor(channels)
        kind = self.member.kind or told.component_type
        if not kind:
            raise self._silent("kind", "kind")
        inputs = self._merged("inputs", self.member.inputs, told.inputs)
        if kind != "aggregate" and not inputs:
            raise self._silent("inputs", "inputs")
        sync = self.member.sync
        return Facts(
            name=self.name,
            kind=kind,
            domain=(self.member.domain or self.name) if kind in OWNERS else "",
            logic=self.logic,
            inputs=inputs,
            outputs=self._merged("outputs", self.member.outputs, told.outputs),
            asynchronous=told.asynchronous if sync is None else not sync,
        )

    async def _descriptor(self, channels: Channels) -> ComponentDescriptor:
        """Return the first descriptor that is given; of an unknown kind every service is asked."""
        kinds = [self.member.kind] if self.member.kind else list(DESCRIPTOR_METHODS)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._ask(kind, channels)) for kind in kinds]
        found = [task.result() for task in asked]
        return next((told for told in found if told is not None), ComponentDescriptor())

    async def _ask(self, kind: str, channels: Channels) -> ComponentDescriptor | None:
        method = DESCRIPTOR_METHODS[kind]
        try:
            told = await channels.call(
                self.logic, method, GetDescriptorRequest(), timeout_seconds=TIMEOUT_SECONDS
            )
        except CallError:
            return None
        told.component_type = told.component_type or kind
        return told

    def _merged(
        self, key: str, stated: tuple[InterestSettings, ...], told: Sequence[Target]
    ) -> tuple[InterestSettings, ...]:
        described = tuple(InterestSettings(domain=it.domain, types=tuple(it.types)) for it in told)
        if stated and described and _by_domain(stated) != _by_domain(described):
            _LOG.warning(OVERRULED, extra={"reason": f"the file states other {key} of {self.name}"})
        return stated or described

    def _silent(self, what: str, key: str) -> SettingsError:
        text = f"{self.name} has no {what}: its descriptor did not answer and the file states none"
        place = f"components.{self.name}.{key}"
        return SettingsError(text, place, f"State {place}.")


def _by_domain(interests: Sequence[InterestSettings]) -> Mapping[str, frozenset[str]]:
    return {it.domain: frozenset(it.types) for it in interests}
