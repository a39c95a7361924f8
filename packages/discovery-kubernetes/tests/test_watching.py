"""What a namespace says of components, and how changes come."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from angzarr_discovery import Component, DiscoveryUnavailableError, Interest, NoRouteError
from angzarr_discovery_kubernetes import KubernetesDiscovery
from angzarr_ports import Clock, System

from .api_server import Account, ApiServer, endpoints, service, serving

ORDER = Component(
    name="order", kind="aggregate", domain="order", addresses=("10.0.0.7:1310", "10.0.0.8:1310")
)


@dataclass(frozen=True)
class Namespace:
    """The API server and a discovery that watches it."""

    api: ApiServer
    discovery: KubernetesDiscovery
    clock: Clock

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for what is known."""
        async with asyncio.timeout(20):
            while not condition():
                await self.clock.sleep(0.01)

    def addresses(self, domain: str) -> tuple[str, ...]:
        """Return where the owner of a domain is."""
        return self.discovery.route(domain).addresses


@pytest.fixture
async def namespace(system: System, account: Account) -> AsyncIterator[Namespace]:
    """Watch a namespace with one aggregate of two replicas."""
    api = ApiServer()
    await api.change("services", service("order", "aggregate", domain="order"))
    await api.change("endpointslices", endpoints("order", "10.0.0.8", "10.0.0.7", ready=True))
    async with serving(api, account) as server:
        opened = await KubernetesDiscovery.reading(
            (), system, server=server, account=account.directory
        )
        async with aclosing(opened):
            yield Namespace(api, opened, system.clock)


async def test_a_service_is_a_component(namespace: Namespace) -> None:
    """At its ready endpoints; what is no component of ours is not seen."""
    await namespace.api.change("services", service("database", "infrastructure"))
    await namespace.api.change("services", service("saga-a", "saga"))
    await namespace.until(lambda: len(namespace.discovery.components()) == 2)

    assert namespace.discovery.components()[0] == ORDER
    assert namespace.discovery.domains() == ["order"]


async def test_a_descriptor_says_what_a_component_reads(namespace: Namespace) -> None:
    """The annotation of contract.md §4.16; a kind is spelt as in the protos."""
    manager = service("shipping", "process-manager", domain="shipping")
    said = {
        "inputs": [{"domain": "order", "types": ["shop.Ordered"]}, {"domain": "stock"}],
        "outputs": [{"domain": "stock", "types": []}],
        "asynchronous": True,
    }
    manager["metadata"]["annotations"] = {"angzarr.io/descriptor": json.dumps(said)}
    await namespace.api.change("services", manager)
    await namespace.until(lambda: len(namespace.discovery.components()) == 2)

    found = namespace.discovery.route("shipping")
    assert (found.kind, found.asynchronous) == ("process_manager", True)
    assert found.inputs == (
        Interest(domain="order", types=("shop.Ordered",)),
        Interest(domain="stock"),
    )
    assert found.outputs == (Interest(domain="stock"),)


async def test_replicas_come_and_go(namespace: Namespace) -> None:
    """An endpoint that is not ready gets no call; without one the Service itself is asked."""
    api = namespace.api
    more = endpoints("order", "fd00::1", name="order-second", ready=True)
    await api.change("endpointslices", more)
    await namespace.until(lambda: len(namespace.addresses("order")) == 3)
    grown = namespace.addresses("order")
    await api.change("endpointslices", more, "DELETED")
    await namespace.until(lambda: len(namespace.addresses("order")) == 2)
    shrunk = namespace.addresses("order")
    await api.change("endpointslices", endpoints("order", "10.0.0.7", ready=False), "MODIFIED")
    await namespace.until(lambda: len(namespace.addresses("order")) == 1)

    assert grown == (*ORDER.addresses, "[fd00::1]:1310")
    assert shrunk == ORDER.addresses
    assert namespace.addresses("order") == ("order.shop.svc:1310",)


async def test_a_component_vanishes_with_its_service(namespace: Namespace) -> None:
    """Its domain has no owner any more."""
    await namespace.api.change("services", service("order", "aggregate"), "DELETED")
    await namespace.until(lambda: not namespace.discovery.components())

    with pytest.raises(NoRouteError):
        namespace.discovery.route("order")


async def test_a_fallback_is_an_annotation(namespace: Namespace) -> None:
    """`*` is no value of a label."""
    rest = service("rest", "aggregate")
    rest["metadata"]["annotations"] = {"angzarr.io/domain": "*"}
    await namespace.api.change("services", rest)
    await namespace.until(lambda: len(namespace.discovery.components()) == 2)

    assert namespace.discovery.route("anything").name == "rest"


async def test_two_owners_of_a_domain_are_told_of(
    namespace: Namespace, caplog: pytest.LogCaptureFixture
) -> None:
    """The first by name counts, and nothing is lost of the others."""
    await namespace.api.change("services", service("a-order", "aggregate", domain="order"))
    await namespace.api.change("services", service("cart", "aggregate", domain="cart"))
    await namespace.until(lambda: "cart" in namespace.discovery.domains())

    assert namespace.discovery.route("order").name == "a-order"
    assert "discovery.ambiguous" in caplog.text


@pytest.mark.parametrize("how", ["broken off", "too old"])
async def test_a_lost_watch_misses_nothing(namespace: Namespace, how: str) -> None:
    """What changed meanwhile is known afterwards; what was known stays until then."""
    api = namespace.api
    api.broken = True
    if how == "too old":
        api.forget()
    else:
        api.break_off()
    await api.change("services", service("cart", "aggregate", domain="cart"))
    api.forget()
    assert namespace.addresses("order") == ORDER.addresses
    api.broken = False

    await namespace.until(lambda: "cart" in namespace.discovery.domains())

    assert namespace.addresses("order") == ORDER.addresses
    assert api.lists > 2


async def test_an_old_cluster_has_an_older_kind(system: System, account: Account) -> None:
    """Before 1.21 slices are v1beta1."""
    api = ApiServer(slices="apis/discovery.k8s.io/v1beta1")
    await api.change("services", service("order", "aggregate", domain="order"))
    await api.change("endpointslices", endpoints("order", "10.0.0.7", "10.0.0.8"))
    async with serving(api, account) as server:
        opened = await KubernetesDiscovery.reading(
            (), system, server=server, account=account.directory
        )
        async with aclosing(opened):
            assert opened.components() == (ORDER,)


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("token", "another", "services: HTTP 401"),
        ("ca.crt", "", "NO_CERTIFICATE|no certificate|ca.crt"),
        ("namespace", "elsewhere", "services: HTTP 404"),
    ],
)
async def test_an_account_that_is_refused(
    system: System, account: Account, file: str, text: str, expected: str
) -> None:
    """The text says what was asked for and what came of it."""
    await asyncio.to_thread((account.directory / file).write_text, text, encoding="utf-8")
    async with serving(ApiServer(), account) as server:
        with pytest.raises(DiscoveryUnavailableError, match=expected):
            await KubernetesDiscovery.reading((), system, server=server, account=account.directory)


async def test_an_api_server_of_another_authority_is_not_believed(
    system: System, account: Account, run_directory: Path
) -> None:
    """Nothing is sent to it."""
    stranger = await asyncio.to_thread(Account, run_directory)
    async with serving(ApiServer(), stranger) as server:
        with pytest.raises(DiscoveryUnavailableError, match="certificate verify failed"):
            await KubernetesDiscovery.reading((), system, server=server, account=account.directory)


async def test_without_account_or_server_there_is_no_discovery(
    system: System, account: Account
) -> None:
    """Each is named."""
    for at, expected in (
        (account.directory / "nowhere", "No such file"),
        (account.directory, "services: "),
    ):
        with pytest.raises(DiscoveryUnavailableError, match=expected):
            await KubernetesDiscovery.reading((), system, server="https://localhost:1", account=at)
