"""The components that configuration names, for discovery to start from."""

from collections.abc import Sequence

from angzarr_discovery._discovery import Component, Interest
from angzarr_settings import DiscoverySettings, InterestSettings


def components_of(settings: DiscoverySettings) -> tuple[Component, ...]:
    """Return one component per configured endpoint."""
    return tuple(
        Component(
            name=it.name,
            kind=it.kind,
            domain=it.domain,
            addresses=it.addresses,
            inputs=_interests(it.inputs),
            outputs=_interests(it.outputs),
            asynchronous=it.asynchronous,
        )
        for it in settings.endpoints
    )


def _interests(given: Sequence[InterestSettings]) -> tuple[Interest, ...]:
    return tuple(Interest(domain=it.domain, types=it.types) for it in given)
