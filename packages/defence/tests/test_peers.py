"""Who may call on loopback."""

import pytest

from angzarr_defence import ForeignPeerError, Peers
from angzarr_ports import real_system


@pytest.mark.parametrize("peer", ["unknown", "", "ipv4:127.0.0.1", "ipv4:127.0.0.1:", "unix:"])
async def test_who_has_hung_up_is_nobody(peer: str) -> None:
    """The address of a connection that is gone is not to be had: its caller is refused."""
    system = real_system(lambda *_: None)
    worker = system.threads.worker("owners")

    with pytest.raises(ForeignPeerError):
        await Peers(1, system.clock, worker).identity(peer)
    await worker.aclose()
