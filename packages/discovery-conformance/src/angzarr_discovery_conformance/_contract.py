"""Contract tests of a discovery."""

from collections.abc import Awaitable, Callable

import pytest
from typing_extensions import override

from angzarr_discovery import FALLBACK, Component, Discovery, NoRouteError

Discover = Callable[..., Awaitable[Discovery]]


def component(name: str, *, domain: str = "", kind: str = "aggregate") -> Component:
    """Return a component at an address that is its name."""
    return Component(name=name, kind=kind, domain=domain, addresses=(f"unix:/{name}",))


class DiscoveryContract:
    """Every discovery. A subclass gives the fixture `discover`: components to a discovery."""

    @override
    def __init_subclass__(cls) -> None:
        """Refuse a subclass that overrides an inherited test.

        Raises:
            TypeError: it does.
        """
        for name in vars(cls):
            if name.startswith("test_") and any(hasattr(base, name) for base in cls.__bases__):
                raise TypeError(f"{cls.__name__} overrides {name} of its contract")

    async def test_components_come_by_name(self, discover: Discover) -> None:
        """components() is ordered by name."""
        order, cart = component("order", domain="order"), component("cart", domain="cart")

        discovery = await discover(order, cart)

        assert discovery.components() == (cart, order)

    async def test_domains_are_those_with_an_owner(self, discover: Discover) -> None:
        """domains() is ordered and holds neither `*` nor what is only read."""
        saga, rest = component("saga", kind="saga"), component("rest", domain=FALLBACK)
        order, cart = component("a-order", domain="order"), component("b-cart", domain="cart")

        discovery = await discover(saga, rest, order, cart)

        assert discovery.domains() == ["cart", "order"]

    async def test_a_domain_is_routed_to_its_owner(self, discover: Discover) -> None:
        """route() gives the component that owns the domain, never one that only reads it."""
        order, saga = component("order", domain="order"), component("saga", kind="saga")

        discovery = await discover(saga, order)

        assert discovery.route("order") == order

    async def test_an_unknown_domain_takes_the_fallback(self, discover: Discover) -> None:
        """The owner of `*` gets what nobody else owns."""
        order, rest = component("order", domain="order"), component("rest", domain=FALLBACK)

        discovery = await discover(order, rest)

        assert [discovery.route(domain).name for domain in ("order", "cart")] == ["order", "rest"]

    async def test_no_route_names_what_is_known(self, discover: Discover) -> None:
        """NoRouteError carries the domain and the known ones."""
        discovery = await discover(component("order", domain="order"))

        with pytest.raises(NoRouteError) as caught:
            discovery.route("oder")

        assert (caught.value.domain, caught.value.known) == ("oder", ("order",))
