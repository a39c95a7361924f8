"""What a saga's coordinator does not serve in this release says so (contract.md §1.3)."""

import grpc
import pytest

from .world import World


@pytest.mark.parametrize(
    "method",
    [
        "SagaCoordinator/ExecuteSpeculative",
    ],
)
async def test_what_comes_later_says_so(world: World, method: str) -> None:
    """UNIMPLEMENTED, never a wrong answer."""
    invoke = world.channel("saga").unary_unary(f"/angzarr.{method}")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await invoke(b"", timeout=10)

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
