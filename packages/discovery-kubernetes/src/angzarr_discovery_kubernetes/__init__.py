"""Discovery from the Services and EndpointSlices of a namespace."""

from angzarr_discovery_kubernetes._api import Api
from angzarr_discovery_kubernetes._discovery import KubernetesDiscovery

__all__ = ["Api", "KubernetesDiscovery"]
