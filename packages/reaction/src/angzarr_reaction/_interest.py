"""Which events a component's logic is for."""

from dataclasses import dataclass

from angzarr.types_pb2 import ComponentDescriptor, EventBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """The inputs of a component, on every timeline or on main alone.

    `anywhere`: their types are endings of names, wherever those begin.
    """

    descriptor: ComponentDescriptor
    anywhere: bool
    main_only: bool = False

    def wants(self, book: EventBook) -> bool:
        """Say whether an event, in a book of its own, is for the logic."""
        cover, type_url = book.cover, book.pages[0].event.type_url
        if self.main_only and not cover.is_main:
            return False
        return self.descriptor.reads(cover.domain, type_url, anywhere=self.anywhere)
