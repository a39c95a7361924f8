"""What the events of a root add up to."""

from importlib import metadata
from typing import Any

from google.protobuf import json_format

from angzarr.types_pb2 import EventBook, EventPage
from angzarr_client import StateRouter
from angzarr_payloads._types import Types

GROUP = "angzarr.fold"


class Folded:
    """The state of a history.

    An installed package that declares the entry point angzarr.fold for the domain folds it; else
    it is the last value of every field that the events name.
    """

    def __init__(self, domain: str, types: Types) -> None:
        self._types = types
        self._fold: StateRouter | None = None
        for entry in metadata.entry_points(group=GROUP, name=domain):
            found = entry.load()
            if isinstance(found, StateRouter):
                self._fold = found

    def state(self, book: EventBook) -> dict[str, Any]:
        """Return the state after the last event, by field."""
        if self._fold is not None:
            message = self._fold.fold(book)
            return json_format.MessageToDict(message, preserving_proto_field_name=True)
        merged = dict[str, Any]()
        for page in book.pages:
            merged |= self._types.plain(page.event)
        return merged

    def changes(self, book: EventBook, first: int) -> list[tuple[EventPage, dict[str, Any]]]:
        """Return the events from `first` on, each with the fields that it changed.

        Shape: a field that is gone is None.
        """
        so_far, found = EventBook(cover=book.cover), list[tuple[EventPage, dict[str, Any]]]()
        before = dict[str, Any]()
        for page in book.pages:
            so_far.pages.append(page)
            if page.num < first - 1:
                continue
            after = self.state(so_far)
            if page.num >= first:
                names = [it for it in {**before, **after} if before.get(it) != after.get(it)]
                found.append((page, {name: after.get(name) for name in names}))
            before = after
        return found
