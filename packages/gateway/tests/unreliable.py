"""A store over another one that fails on demand."""

from dataclasses import replace
from typing import Any

from angzarr_store import Appended, Batch, Event, RootKey, Store


class UnreliableLog:
    """Passes on unless it is told to raise, to wait, or to return damaged pages."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.on_append: Any = None
        self.on_read: Any = None
        self.on_recall: Any = None
        self.damaged: int | None = None

    def __getattr__(self, name: str) -> Any:
        """Pass on what never fails."""
        return getattr(self.inner, name)

    async def append(self, batch: Batch) -> Appended:
        """Pass on what does not fail."""
        if self.on_append is not None:
            await self.on_append(batch)
        return await self.inner.append(batch)

    async def recall(self, command_id: str, key: RootKey) -> tuple[Appended | None, int]:
        """Pass on what does not fail."""
        if self.on_recall is not None:
            await self.on_recall()
        return await self.inner.recall(command_id, key)

    async def read_root(
        self, key: RootKey, *, first: int = 0, last: int | None = None, limit_bytes: int | None
    ) -> list[Event]:
        """Pass on what does not fail."""
        if self.on_read is not None:
            await self.on_read()
        events = await self.inner.read_root(key, first=first, last=last, limit_bytes=limit_bytes)
        return [replace(it, page=b"?") if it.sequence == self.damaged else it for it in events]


class UnreliableStore:
    """A store with one unreliable log."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.only: UnreliableLog | None = None

    def __getattr__(self, name: str) -> Any:
        """Pass on what never fails."""
        return getattr(self.inner, name)

    async def log(self, domain: str) -> UnreliableLog:
        """Return the log that fails on demand."""
        self.only = UnreliableLog(await self.inner.log(domain))
        return self.only
