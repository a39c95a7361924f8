"""What a component reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from angzarr.types_pb2 import ComponentDescriptor


class ComponentDescriptorTraits:
    """Behaviour of ComponentDescriptor."""

    def input_domains(self: ComponentDescriptor, owned: Iterable[str]) -> list[str]:
        """Return the domains that it reads, each once, in order.

        Shape: those that it names, and those of `owned` that `*` or `#` means.
        Rule: contract.md §3.5.
        """
        named = [it.domain for it in self.inputs if not it.is_wildcard]
        meant = [it for it in owned if any(target.means(it) for target in self.inputs)]
        return list(dict.fromkeys([*named, *meant]))

    def reads(
        self: ComponentDescriptor, domain: str, type_url: str, *, anywhere: bool = False
    ) -> bool:
        """Say whether a message of `domain` with this type is among the inputs; see `covers`."""
        return any(it.covers(domain, type_url, anywhere=anywhere) for it in self.inputs)
