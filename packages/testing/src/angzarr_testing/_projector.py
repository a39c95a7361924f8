"""Cases of a projector: events, the projection that follows."""

import asyncio
from collections.abc import Sequence
from typing import Self

from google.protobuf.message import Message

from angzarr.types_pb2 import Projection
from angzarr_client import ProjectorRouter
from angzarr_testing._books import Books


class ProjectorCase:
    """Shows a projector each event twice, as a restart would."""

    def __init__(self, router: ProjectorRouter, books: Books, events: Sequence[Message]) -> None:
        self._router = router
        self._books = books
        self._history = list(events)
        self._projection = Projection()

    def when(self, *events: Message) -> Self:
        """Show events that follow the history."""
        first = len(self._history)
        self._history += events
        for index in range(first, len(self._history)):
            self._show(index)
        return self

    def rebuild(self) -> Self:
        """Build the read model anew beside, from the whole history; the result must be the same."""
        before = self._projection
        asyncio.run(self._router.rebuild())
        for index in range(len(self._history)):
            self._show(index, rebuild=True)
        asyncio.run(self._router.switch())
        if self._history and before != self._projection:
            raise AssertionError("the projection differs after a rebuild")
        return self

    def _show(self, index: int, *, rebuild: bool = False) -> None:
        single = self._books.single(self._books.events(*self._history), index)
        self._projection = asyncio.run(self._router.project(single, rebuild=rebuild))
        if asyncio.run(self._router.project(single, rebuild=rebuild)) != self._projection:
            raise AssertionError("the projection differs when the event comes twice")

    def then_projects(self, message: Message) -> Self:
        """Expect this projection of the last event."""
        found = type(message)()
        if not self._projection.projection.Unpack(found) or found != message:
            raise AssertionError(f"projection\n  expected: {message}\n  got: {found}")
        return self

    def then_nothing(self) -> Self:
        """Expect no projection."""
        if self._projection.HasField("projection"):
            raise AssertionError(f"unexpected projection: {self._projection}")
        return self
