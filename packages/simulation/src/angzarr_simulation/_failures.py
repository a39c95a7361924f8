"""Background tasks that died: the first one interrupts the test, all of them fail it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Failures:
    """Collects the errors of background tasks."""

    def __init__(self) -> None:
        self._errors: list[BaseException] = []
        self._body: asyncio.Timeout | None = None

    def note(self, name: str, error: BaseException) -> None:
        """Remember the error of the task `name` and interrupt the body, if it still runs."""
        error.add_note(f"in {name}")
        self._errors.append(error)
        body, self._body = self._body, None
        if body is not None:
            body.reschedule(0)

    @asynccontextmanager
    async def interrupting(self) -> AsyncIterator[None]:
        """Let a failure end the body at once; whoever waits for what died would wait in vain."""
        try:
            async with asyncio.timeout(None) as self._body:
                yield
        finally:
            self._body = None

    @asynccontextmanager
    async def raised(self) -> AsyncIterator[None]:
        """Raise at the end what was noted, whatever the body raised.

        Raises:
            BaseExceptionGroup: a background task died; a note of each error names it.
        """
        try:
            yield
        finally:
            if self._errors:
                raise BaseExceptionGroup("a component failed", self._errors)
