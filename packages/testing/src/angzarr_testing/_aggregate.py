"""Cases of an aggregate: a history, a command, what follows."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self, TypeVar

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from angzarr.types_pb2 import (
    BusinessResponse,
    CommandBook,
    ContextualCommand,
    EventBook,
    RevocationResponse,
)
from angzarr_client import CommandRouter, LogicError
from angzarr_testing._books import Books, histories
from angzarr_testing._difference import check

MessageT = TypeVar("MessageT", bound=Message)

Answer = BusinessResponse | LogicError


class AggregateCase:
    """Runs a command in every mode and compares each result."""

    def __init__(
        self,
        router: CommandRouter,
        books: Books,
        events: Sequence[Message],
        now: datetime,
        modes: tuple[str, ...],
    ) -> None:
        self._router = router
        self._books = books
        self._history = books.events(*events)
        self._now = now
        self._modes = modes
        self._answers: list[tuple[str, Answer]] = []

    def when(self, command: Message) -> Self:
        """Hand over a command."""
        return self._when(lambda history: self._books.command(history, command))

    def when_rejected(self, command: Message, reason: str, *, saga: str = "saga") -> Self:
        """Hand over the refusal of a command that `saga` sent because of the last event."""
        rejected = CommandBook.to("elsewhere", bytes(16), command)
        origin = rejected.saga_origin
        origin.saga_name = saga
        origin.triggering_aggregate.CopyFrom(self._history.cover)
        origin.triggering_event_sequence = max(0, self._history.next_page_number - 1)
        revocation = rejected.revocation(reason)
        return self._when(lambda it: ContextualCommand(events=it, command=revocation))

    def then(self, *events: Message) -> Self:
        """Expect exactly these events."""
        for mode, answer in self._answers:
            check("events", mode, self._events(mode, answer, events), events)
        return self

    def then_nothing(self) -> Self:
        """Expect success without an event."""
        return self.then()

    def then_rejected(self, text: str, *, contains: bool = False) -> Self:
        """Expect a refusal with this text, or one that contains it."""
        for mode, answer in self._answers:
            found = answer.text if isinstance(answer, LogicError) else "accepted"
            if found != text and not (contains and text in found):
                raise AssertionError(f"refusal ({mode})\n  expected: {text}\n  got: {found}")
        return self

    def then_state(self, state: Message) -> Self:
        """Expect this state after the events, as it goes back with the answer."""
        for (mode, _), found in zip(self._answers, self.states(type(state)), strict=True):
            check("state", mode, [found], [state])
        return self

    def states(self, kind: type[MessageT]) -> list[MessageT]:
        """Return the state after the events, once per mode.

        Raises:
            TypeError: the aggregate has another state.
        """
        if self._router.fold.state is not kind:
            raise TypeError(f"the state is a {self._router.fold.state.__name__}")
        books = [self._after(self._book(mode, answer)) for mode, answer in self._answers]
        return [kind.FromString(self._router.fold.fold(it).SerializeToString()) for it in books]

    def events(self) -> list[list[AnyMessage]]:
        """Return the events as they are packed, once per mode."""
        books = [self._book(mode, answer) for mode, answer in self._answers]
        return [[page.event for page in book.pages] for book in books]

    def then_revoked(self, revocation: RevocationResponse) -> Self:
        """Expect this revocation."""
        for mode, answer in self._answers:
            found = [answer.revocation] if isinstance(answer, BusinessResponse) else []
            check("revocation", mode, found, [revocation])
        return self

    def _when(self, asked: Callable[[EventBook], ContextualCommand]) -> Self:
        for mode, history in histories(self._router, self._history):
            if mode == "plain" or "snapshot" in self._modes:
                self._ask(mode, asked(history))
        return self

    def _ask(self, mode: str, request: ContextualCommand) -> None:
        first = self._decide(request)
        self._answers.append((mode, first))
        if "twice" in self._modes and str(self._decide(request)) != str(first):
            raise AssertionError(f"the handler answers differently the second time ({mode})")

    def _decide(self, request: ContextualCommand) -> Answer:
        copy = ContextualCommand.FromString(request.SerializeToString())
        try:
            return asyncio.run(self._router.decide(copy, self._now))
        except LogicError as error:
            return error

    def _events(self, mode: str, answer: Answer, like: Sequence[Message]) -> list[Message]:
        """Return the events, those the fold does not know in the types that are expected."""
        kinds = [type(message) for message in like]
        found: list[Message] = []
        for index, page in enumerate(self._book(mode, answer).pages):
            kind = kinds[index] if index < len(kinds) else type(page.event)
            event = kind()
            same = page.event.Unpack(event)
            found.append(event if same else self._router.fold.parse(page.event))
        return found

    def _book(self, mode: str, answer: Answer) -> EventBook:
        if isinstance(answer, LogicError):
            raise AssertionError(f"refused ({mode}): {answer.text}")  # noqa: TRY004 - a failed test
        return answer.events

    def _after(self, book: EventBook) -> EventBook:
        after = EventBook(pages=[*self._history.pages, *book.pages])
        if book.pages:
            after = EventBook()
            after.snapshot.sequence = book.pages[-1].num
            after.snapshot.state.CopyFrom(book.snapshot_state)
        return after
