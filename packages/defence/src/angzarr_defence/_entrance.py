"""The entrance of a server: who may call, and how often."""

from angzarr_defence._bucket import Buckets
from angzarr_defence._errors import NamelessPeerError, TooManyCallsError
from angzarr_defence._peers import Peers
from angzarr_ports import Clock, Worker


class Entrance:
    """Lets callers in, each `per_second` times, 0 for any number.

    A caller is the component that its certificate names. On loopback all callers are one user, so
    that a share is that of a connection. Those of a socket cannot be told apart.
    """

    def __init__(self, per_second: float, clock: Clock, worker: Worker) -> None:
        self._buckets = Buckets(per_second)
        self._clock = clock
        self._worker = worker
        self._peers: Peers | None = None

    def watch(self, port: int) -> None:
        """From now on let in only this user and root, who call at the TCP port `port`."""
        self._peers = Peers(port, self._clock, self._worker)

    async def admit(self, peer: str, identity: str | None = "") -> None:
        """Return when the caller at `peer` may go on.

        Shape: `identity` is the component that its certificate names, None when it names none;
        "" without a certificate.

        Raises:
            NamelessPeerError: its certificate names no component.
            ForeignPeerError: it is neither this user nor root.
            TooManyCallsError: it called too often.
        """
        if identity is None:
            raise NamelessPeerError
        caller = await self._peers.identity(peer) if self._peers else peer
        wait = self._buckets.take(identity or caller, self._clock.monotonic())
        if wait:
            raise TooManyCallsError(wait)
