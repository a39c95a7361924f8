"""What a component reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from angzarr.types_pb2 import ComponentDescriptor


class ComponentDescriptorTraits:
    """Behaviour of ComponentDescriptor."""

    @property
    def input_domains(self: ComponentDescriptor) -> list[str]:
        """Return the domains among the inputs, each once, in order."""
        return list(dict.fromkeys(target.domain for target in self.inputs))

    def reads(self: ComponentDescriptor, domain: str, type_url: str) -> bool:
        """Say whether a message of `domain` with this type is among the inputs."""
        return any(target.covers(domain, type_url) for target in self.inputs)
