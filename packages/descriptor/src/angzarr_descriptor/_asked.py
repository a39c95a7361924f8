"""What a logic service says about itself; silence is allowed (contract.md §5)."""

import logging
from collections.abc import Sequence

from angzarr import Method, rpc
from angzarr.types_pb2 import ComponentDescriptor, GetDescriptorRequest, Target
from angzarr_service import CallError, Channels
from angzarr_settings import ComponentSettings, InterestSettings
from angzarr_store import RefusedError

TIMEOUT_SECONDS = 2.0
SILENT = "descriptor.missing"

_LOG = logging.getLogger("angzarr")

DescriptorMethod = Method[GetDescriptorRequest, ComponentDescriptor]

DESCRIPTOR_METHODS: dict[str, DescriptorMethod] = {
    "aggregate": rpc.Aggregate.GetDescriptor,
    "saga": rpc.Saga.GetDescriptor,
    "projector": rpc.Projector.GetDescriptor,
    "process_manager": rpc.ProcessManager.GetDescriptor,
}


async def descriptor_of(
    component: ComponentSettings, kind: str, channels: Channels
) -> ComponentDescriptor:
    """Return what the component reads and sends; settings win over its own descriptor.

    Raises:
        RefusedError: neither the settings nor the descriptor of a subscriber name an input.
    """
    told, why = await _told(component, kind, channels)
    told.name, told.component_type = component.name, kind
    _overrule(told.inputs, component.inputs)
    _overrule(told.outputs, component.outputs)
    if kind != "aggregate" and not told.inputs:
        what = f"empty: the descriptor of {component.name} names none ({why})"
        raise RefusedError("component.inputs", what, "state the domains that it reads")
    return told


async def _told(
    component: ComponentSettings, kind: str, channels: Channels
) -> tuple[ComponentDescriptor, str]:
    """Return what the logic says, and why it says nothing."""
    silent = ComponentDescriptor()
    if component.inputs and component.outputs:
        return silent, "no answer was needed"
    try:
        return await _ask(component.logic, kind, channels), "it answered"
    except CallError as error:
        why = error.status.message or str(error.status.code)
        _LOG.info(SILENT, extra={"reason": why})
        return silent, why


async def _ask(logic: str, kind: str, channels: Channels) -> ComponentDescriptor:
    method, request = DESCRIPTOR_METHODS[kind], GetDescriptorRequest()
    return await channels.call(logic, method, request, timeout_seconds=TIMEOUT_SECONDS)


def _overrule(targets: "Sequence[Target]", given: Sequence[InterestSettings]) -> None:
    if given:
        del targets[:]  # type: ignore[attr-defined]  # a repeated field
        targets.extend(  # type: ignore[attr-defined]  # a repeated field
            Target(domain=it.domain, types=it.types) for it in given
        )
