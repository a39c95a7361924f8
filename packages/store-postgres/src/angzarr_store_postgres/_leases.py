"""Who moves a subscription: one process at a time, for as long as it says that it lives."""

from contextlib import suppress
from dataclasses import dataclass

from typing_extensions import override

from angzarr_ports import System
from angzarr_store import EMPTY_CHAIN, Lease, StoreError, StoreUnavailableError, UnknownOutcomeError
from angzarr_tables import Ask, Operation, Reads, Steps, TableLedger, Writer, lease_of

LEASE_SECONDS = 15.0
RENEW_SECONDS = 5.0
WAIT_SECONDS = (0.5, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquireLease(Operation[Lease | None]):
    """Take a subscription that nobody else holds."""

    subscriber: str
    domain: str
    owner: str

    @override
    def steps(self, *, again: bool) -> Steps[Lease | None]:
        """Raise the subscription's epoch and return the lease; None while somebody holds it."""
        names = {"subscriber": self.subscriber, "domain": self.domain, "chain": EMPTY_CHAIN}
        values = {**names, "owner": self.owner, "seconds": LEASE_SECONDS}
        rows = yield Ask("insert_subscription", values)
        return lease_of(self.subscriber, self.domain, rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class RenewLeases(Operation[None]):
    """The leases of an owner that lives, in the time of the database."""

    owner: str

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Let them last from now on."""
        yield Ask("update_leases", {"owner": self.owner, "seconds": LEASE_SECONDS})


@dataclass(frozen=True, slots=True)
class ReleaseLeases(Operation[None]):
    """The leases of an owner that ends."""

    owner: str

    @override
    def steps(self, *, again: bool) -> Steps[None]:
        """Let others have them at once."""
        yield Ask("update_leases_released", {"owner": self.owner})


class PostgresLedger(TableLedger):
    """The rows of one component's subscriptions; several processes may want to move them.

    Rule: reliability.md U1. A lease only spares work: the epoch in each commit protects.
    """

    def __init__(self, writer: Writer, reads: Reads, system: System) -> None:
        super().__init__(writer, reads, system.faults)
        self._system = system
        self._owner = str(system.randomness.uuid4())
        self._is_renewing = False

    @override
    async def acquire(self, subscriber: str, domain: str) -> Lease:
        """Take the subscription as soon as nobody else holds it; see `Ledger.acquire`."""
        wanted = AcquireLease(subscriber=subscriber, domain=domain, owner=self._owner)
        while (lease := await self._writer.execute(wanted)) is None:
            await self._system.clock.sleep(self._system.randomness.uniform(*WAIT_SECONDS))
        if not self._is_renewing:
            self._is_renewing = True
            self._system.tasks.start("lease-renewal", self._renew())
        return lease

    async def aclose(self) -> None:
        """Let go of what is held."""
        if self._is_renewing:
            self._is_renewing = False
            with suppress(StoreError):
                await self._writer.execute(ReleaseLeases(self._owner))

    async def _renew(self) -> None:
        await self._system.clock.sleep(RENEW_SECONDS)
        while self._is_renewing:
            # Whoever cannot renew loses the lease in time, and learns it at the next commit.
            with suppress(StoreUnavailableError, UnknownOutcomeError):
                await self._writer.execute(RenewLeases(self._owner))
            await self._system.clock.sleep(RENEW_SECONDS)
