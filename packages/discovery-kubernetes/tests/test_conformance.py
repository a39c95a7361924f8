"""Discovery of a namespace passes the whole kit, whether components are given or found."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing

import pytest

from angzarr_discovery import Component, Discovery
from angzarr_discovery_conformance import Discover, DiscoveryContract
from angzarr_discovery_kubernetes import KubernetesDiscovery
from angzarr_ports import System

from .api_server import Account, ApiServer, serving


class TestKubernetesDiscovery(DiscoveryContract):
    """Components are those that were given; the namespace is empty."""

    @pytest.fixture
    async def discover(self, system: System, account: Account) -> AsyncIterator[Discover]:
        """Open beside an empty namespace."""
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(ApiServer(), account))

            async def open_with(*components: Component) -> Discovery:
                made = await KubernetesDiscovery.reading(
                    components, system, server=server, account=account.directory
                )
                return await stack.enter_async_context(aclosing(made))

            yield open_with
