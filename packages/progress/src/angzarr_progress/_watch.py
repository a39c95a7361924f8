"""What became of an append in the subscriptions of one component (contract.md §4.2)."""

from collections.abc import Callable, Mapping
from typing import Protocol

from angzarr.progress_pb2 import AwaitResponse
from angzarr.types_pb2 import (
    CommandBook,
    CommandOutcome,
    CommandResult,
    ComponentOutcome,
    ComponentResult,
    Cover,
    EventBook,
    RpcStatus,
)
from angzarr_delivery import log_condition
from angzarr_dispatch import is_compensation
from angzarr_ports import Clock
from angzarr_progress._appends import append_at
from angzarr_progress._track import Track
from angzarr_reader import Feed
from angzarr_service import RequestError
from angzarr_store import (
    REACTIONS_KEPT,
    Lease,
    Ledger,
    Letter,
    LetterState,
    Reaction,
    ReactionState,
    RootKey,
    StoreUnavailableError,
)

PAUSE_SECONDS = 0.1
FORGOTTEN = "what it sent is no longer known"
RESULTS = {
    ReactionState.OWED: CommandResult.COMMAND_RESULT_PENDING,
    ReactionState.ACCEPTED: CommandResult.COMMAND_RESULT_ACCEPTED,
    ReactionState.REJECTED: CommandResult.COMMAND_RESULT_REJECTED,
    ReactionState.PARKED: CommandResult.COMMAND_RESULT_PARKED,
}


class Brake(Protocol):
    """What takes events, and can be told to take no more."""

    @property
    def paused(self) -> frozenset[str]:
        """Return the domains of which no further event is taken."""

    async def pause(self, *, paused: bool) -> None:
        """Take no further event, or take them again."""


class Unbraked:
    """What does not run yet."""

    paused = frozenset[str]()

    async def pause(self, *, paused: bool) -> None:
        """Leave it as it is."""


class Watch:
    """Answers from what is durable: the checkpoints that `track` hears of, and the ledger.

    `kind` is saga, process_manager or projector.
    """

    def __init__(self, component: str, kind: str, ledger: Ledger, clock: Clock) -> None:
        self.component = component
        self.kind = kind
        self.ledger = ledger
        self.track = Track()
        self.brake: Brake = Unbraked()
        self._clock = clock
        self.feeds: Mapping[str, Feed] = {}
        self._follows: Callable[[Cover], bool] = lambda _: True

    def begin(
        self, feeds: Mapping[str, Feed], follows: Callable[[Cover], bool] | None = None
    ) -> None:
        """Take the logs that the component reads, and which timelines of them, else all."""
        self.feeds = feeds
        self._follows = follows or self._follows

    @property
    def conditions(self) -> list[str]:
        """Return what holds as soon as every log was read."""
        return [log_condition(domain) for domain in self.feeds]

    def not_subscribed(self, who: str, domain: str) -> RequestError:
        """Return the answer to a question about a log that the component does not read."""
        text = f"{who} subscribe to domain: {domain}"
        return RequestError("NOT_SUBSCRIBED", text, component=self.component)

    async def known(
        self, domain: str, position: int, append: EventBook | None = None
    ) -> AwaitResponse:
        """Return the result of the append that ends at `position`, as soon as it is durable.

        `append` is the append where it is known; of it all pages have their position.

        Raises:
            RequestError: NOT_READY, another process knows.
        """
        with self.track.watching(domain, position) as moved:
            while True:
                moved.clear()
                try:
                    append = append or await append_at(self.feeds[domain], position)
                    found = await self._look(domain, position, append)
                except StoreUnavailableError:
                    await self._clock.sleep(PAUSE_SECONDS)
                    continue
                if found.outcome.result:
                    return found
                await self.track.news(domain, moved)

    async def seen(self, domain: str, position: int) -> AwaitResponse:
        """Return what is known now; an append without a result is TIMED_OUT.

        Raises:
            StoreUnavailableError: nothing could be looked at.
        """
        append = await append_at(self.feeds[domain], position)
        found = await self._look(domain, position, append)
        return found if found.outcome.result else self.late(domain, position, found)

    def late(self, domain: str, position: int, found: AwaitResponse | None = None) -> AwaitResponse:
        """Return TIMED_OUT, with what was found."""
        response = found or AwaitResponse(outcome=self._outcome(domain, position))
        response.outcome.result = ComponentResult.COMPONENT_RESULT_TIMED_OUT
        response.outcome.message = "not in time"
        return response

    async def _look(self, domain: str, position: int, append: EventBook | None) -> AwaitResponse:
        if self.track.is_standing_by:
            raise RequestError("NOT_READY", f"Not ready: another {self.component} is at work")
        response = AwaitResponse(outcome=self._outcome(domain, position))
        outcome, lease = response.outcome, self.track.lease(domain)
        if append is not None and not self._follows(append.cover):
            outcome.result = ComponentResult.COMPONENT_RESULT_SKIPPED
            outcome.message = f"edition {append.cover.edition_name} is not followed"
        elif lease is not None:
            passed = self.track.position(domain) - position
            letter = await self._letter(lease, append)
            outcome.commands.extend(await self._commands(lease, append, letter))
            if letter is not None:
                outcome.result = ComponentResult.COMPONENT_RESULT_PARKED
                outcome.dead_letter_id = letter.id
                outcome.message = letter.reason if letter.is_open else "discarded"
            elif passed >= 0:
                outcome.result = ComponentResult.COMPONENT_RESULT_APPLIED
                await self._project(lease, append, response)
            if passed >= REACTIONS_KEPT and self._sends:
                outcome.message = outcome.message or FORGOTTEN
        return response

    @property
    def _sends(self) -> bool:
        return self.kind != "projector"

    def _outcome(self, domain: str, position: int) -> ComponentOutcome:
        return ComponentOutcome(
            component=self.component, component_type=self.kind, domain=domain, position=position
        )

    async def _letter(self, lease: Lease, append: EventBook | None) -> Letter | None:
        """Return the first letter of an append that somebody has still to decide on, or gave up."""
        for page in append.pages if append is not None else ():
            filed = await self.ledger.letter(lease.letter_id(page.position))
            while filed is not None and filed.letter.state is LetterState.DISCARDED:
                successor = await self.ledger.letter(filed.letter.successor().id)
                if successor is None:
                    return filed.letter
                filed = successor
            if filed is not None and filed.letter.is_open:
                return filed.letter
        return None

    async def _commands(
        self, lease: Lease, append: EventBook | None, letter: Letter | None
    ) -> list[CommandOutcome]:
        if append is None or not self._sends:
            return []
        return [
            _command(reaction, letter)
            for page in append.pages
            for reaction in await self.ledger.reactions(lease, page.position)
            if reaction.state in RESULTS and not is_compensation(reaction)
        ]

    async def _project(
        self, lease: Lease, append: EventBook | None, response: AwaitResponse
    ) -> None:
        """Add the projection of the root, which may hold more than the append by now."""
        if append is None or self._sends:
            return
        key = RootKey(edition=append.cover.edition_name, root=append.cover.root.value)
        found = await self.ledger.projection(lease, key)
        if found is not None and found[0] >= append.pages[0].num:
            response.projection.ParseFromString(found[1])


def _command(reaction: Reaction, letter: Letter | None) -> CommandOutcome:
    status = reaction.outcome
    if letter is not None and letter.command_id == reaction.command_id:
        status = letter.status
    command = CommandBook.FromString(reaction.command)
    return CommandOutcome.of(command, RESULTS[reaction.state], RpcStatus.FromString(status))
