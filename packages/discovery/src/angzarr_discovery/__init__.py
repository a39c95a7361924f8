"""Contract of discovery: domain or component to addresses."""

from angzarr_discovery._components import components_of
from angzarr_discovery._discovery import FALLBACK, Component, Discovery, Interest, Roster
from angzarr_discovery._errors import DiscoveryError, DiscoveryUnavailableError, NoRouteError

__all__ = [
    "FALLBACK",
    "Component",
    "Discovery",
    "DiscoveryError",
    "DiscoveryUnavailableError",
    "Interest",
    "NoRouteError",
    "Roster",
    "components_of",
]
