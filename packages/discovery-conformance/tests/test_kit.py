"""The kit guards itself."""

import pytest

from angzarr_discovery_conformance import DiscoveryContract

pytest_plugins = ["pytester"]

SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""
BACKGROUND = """
import asyncio

from angzarr_discovery_conformance._fixtures import system

async def test_sound(system):
    await asyncio.wait([system.tasks.start("sound", asyncio.sleep(0))])

async def test_doomed(system):
    async def die():
        raise ValueError("died in the background")

    await asyncio.wait([system.tasks.start("doomed", die())])
"""


def test_a_contract_test_cannot_be_replaced() -> None:
    """Overriding an inherited test is an error when the class is made."""
    with pytest.raises(TypeError, match="test_components_come_by_name"):
        type("Quiet", (DiscoveryContract,), {"test_components_come_by_name": lambda _self: None})


def test_a_background_task_that_dies_fails_its_test(pytester: pytest.Pytester) -> None:
    """The fixture `system` tells why, and a test whose tasks are sound passes."""
    pytester.makeini(SETTINGS)
    pytester.makepyfile(BACKGROUND)

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ValueError: died in the background"])
