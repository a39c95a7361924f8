"""Static discovery passes the whole kit and refuses contradictions."""

import pytest

from angzarr_discovery import Component, Discovery, DiscoveryUnavailableError
from angzarr_discovery_conformance import Discover, DiscoveryContract, component
from angzarr_discovery_static import StaticDiscovery
from angzarr_ports import System


class TestStaticDiscovery(DiscoveryContract):
    """Components are what was given."""

    @pytest.fixture
    async def discover(self, system: System) -> Discover:
        """Open with the given components."""

        async def open_with(*components: Component) -> Discovery:
            return await StaticDiscovery.open(components, system)

        return open_with


@pytest.mark.parametrize(
    ("second", "named"),
    [(component("order", domain="cart"), "order"), (component("cart", domain="order"), "order")],
)
async def test_a_name_or_domain_given_twice_is_refused(
    system: System, second: Component, named: str
) -> None:
    """Two components of one name, or two owners of one domain, cannot be opened."""
    with pytest.raises(DiscoveryUnavailableError, match=f'"{named}" is given twice'):
        await StaticDiscovery.open((component("order", domain="order"), second), system)
