"""What a subscriber shows its logic of an event: its newest form (contract.md §4.12)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from angzarr.types_pb2 import EventBook
from angzarr_delivery import Commit, FailedError, Handler, Occurrence
from angzarr_service import RequestError, encoded_status
from angzarr_store import Change
from angzarr_upcaster import Upcaster

Wants = Callable[[EventBook], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcasting:
    """The handler `inner`, shown every event that its logic `wants` in its newest form."""

    inner: Handler
    upcaster: Upcaster
    wants: Wants

    @property
    def may_want(self) -> Wants:
        """Return what says of an event as it is stored whether the handler must look at it.

        Inputs name the newest types, so before an event is upcast none can be left out.
        """
        return (lambda _: True) if self.upcaster.exists else self.wants

    async def apply(self, event: Occurrence, commit: Commit) -> Sequence[Change]:
        """Apply the event as logic sees it; one that logic does not want is done.

        Raises:
            FailedError: the upcaster failed; else as of `inner`.
        """
        if not self.upcaster.exists or event.is_done:
            return await self.inner.apply(event, commit)
        shown = await newest(self.upcaster, event.book)
        if not self.wants(shown):
            return []
        return await self.inner.apply(replace(event, book=shown), commit)


async def newest(upcaster: Upcaster, book: EventBook) -> EventBook:
    """Return a book in its newest form.

    Raises:
        FailedError: the upcaster failed.
    """
    try:
        return await upcaster.upcast(book)
    except RequestError as error:
        raise FailedError(encoded_status(error), error.reason) from error
