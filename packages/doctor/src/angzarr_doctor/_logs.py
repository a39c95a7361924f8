"""Whether one log holds what was appended: chain, density, order of roots, command rows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from angzarr_doctor._finding import Finding
from angzarr_store import Audit, CommandRow, Event, Head, RootKey, Verifier

EVENTS_PER_READ = 1000
COMMANDS_PER_READ = 1000


@dataclass(slots=True, kw_only=True)
class LogCheck:
    """The check of one log from a position on; memory grows with the number of roots."""

    audit: Audit
    domain: str
    after: int
    events: int = 0
    commands: int = 0
    _next: dict[RootKey, int] = field(default_factory=dict)

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield everything that is wrong, else what was verified.

        Of a broken chain only the first link is told: behind it everything differs.
        """
        head = await self.audit.read_head(self.domain)
        if self.after > head.position:
            text = f"log of {self.domain} ends at {head.position}: nothing of it is verified"
            yield Finding.warning(text)
            return
        faults = [fault for fault in (await self._chain_fault(head),) if fault]
        faults += [fault async for fault in self._command_faults(head)]
        for fault in faults:
            then = "angzarr store restore, from a backup that verifies"
            yield Finding.failure(f"log of {self.domain}: {fault}", then=then)
        if not faults:
            what = f"{self.events} events and {self.commands} commands"
            yield Finding.ok(f"log of {self.domain}: {what} verified to position {head.position}")

    async def _chain_fault(self, head: Head) -> str:
        verifier = await self._verifier()
        if verifier is None:
            return f"position {self.after} is missing: the head is {head.position}"
        while verifier.position < head.position:
            left = head.position - verifier.position
            events = await self.audit.read_events(
                self.domain, after=verifier.position, limit=min(left, EVENTS_PER_READ)
            )
            for event in events:
                if fault := verifier.fault(event) or self._order_fault(event):
                    return fault
            if not events:
                break
            self.events += len(events)
        return verifier.end_fault(head)

    async def _verifier(self) -> Verifier | None:
        if not self.after:
            return Verifier(domain=self.domain)
        found = await self.audit.read_events(self.domain, after=self.after - 1, limit=1)
        if not found or found[0].position != self.after:
            return None
        return Verifier(domain=self.domain, position=self.after, chain=found[0].chain)

    def _order_fault(self, event: Event) -> str:
        """Return what is wrong with the number of an event in its root."""
        wanted = self._next.get(event.key, event.sequence if self.after else 0)
        self._next[event.key] = event.sequence + 1
        if event.sequence == wanted:
            return ""
        root = event.key.root.hex()
        return f"position {event.position} is event {event.sequence} of {root}, not {wanted}"

    async def _command_faults(self, head: Head) -> AsyncIterator[str]:
        after, owned = "", 0
        while rows := await self.audit.read_commands(
            self.domain, after=after, limit=COMMANDS_PER_READ
        ):
            after = rows[-1].command_id
            for row in rows:
                if row.count and self.after < row.first_position <= head.position:
                    self.commands += 1
                    owned += row.count
                    if not await self._is_of_its_events(row):
                        yield f"command {row.command_id} does not name its events"
        if not self.after and owned != head.position:
            yield f"{head.position} events, but the commands name {owned}"

    async def _is_of_its_events(self, row: CommandRow) -> bool:
        events = await self.audit.read_events(
            self.domain, after=row.first_position - 1, limit=row.count
        )
        found = [(it.position, it.sequence, it.key, it.command_id) for it in events]
        return found == [
            (row.first_position + i, row.first_sequence + i, row.key, row.command_id)
            for i in range(row.count)
        ]
