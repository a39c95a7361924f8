"""What a component reads and sends, whoever says so (contract.md §5)."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from angzarr.types_pb2 import ComponentDescriptor, Target
from angzarr_descriptor import descriptor_of
from angzarr_service import Channels
from angzarr_settings import ComponentSettings, InterestSettings
from angzarr_store import RefusedError

TOLD = ComponentDescriptor(
    name="s", inputs=[Target(domain="order")], outputs=[Target(domain="stock", types=["x.Y"])]
)


@pytest.fixture
async def logic(run_directory: Path) -> Any:
    """Serve a saga that describes itself; return its address."""
    grpc.aio.init_grpc_aio()

    async def describe(_data: bytes, _context: Any) -> bytes:
        return TOLD.SerializeToString()

    server, address = grpc.aio.server(), f"unix:{run_directory}/logic.sock"
    method = {"GetDescriptor": grpc.unary_unary_rpc_method_handler(describe)}
    service = grpc.method_handlers_generic_handler("angzarr.Saga", method)
    server.add_generic_rpc_handlers((service,))
    server.add_insecure_port(address)
    await server.start()
    yield address
    await server.stop(None)


async def test_settings_win_over_what_the_logic_says(logic: str) -> None:
    """What they leave out comes from the descriptor."""
    stated = (InterestSettings(domain="cart"),)
    component = ComponentSettings(name="s", logic=logic, inputs=stated)
    channels = Channels()

    found = await descriptor_of(component, "saga", channels)
    await channels.aclose()

    assert [it.domain for it in found.inputs] == ["cart"]
    assert found.outputs == TOLD.outputs


async def test_a_component_that_reads_nothing_is_refused(logic: str) -> None:
    """A subscriber needs an input from somebody; an aggregate does not."""
    component = ComponentSettings(name="p", logic=logic)
    channels = Channels()

    with pytest.raises(RefusedError, match="the descriptor of p names none"):
        await descriptor_of(component, "projector", channels)
    found = await descriptor_of(component, "aggregate", channels)
    await channels.aclose()

    assert (found.name, list(found.inputs)) == ("p", [])
