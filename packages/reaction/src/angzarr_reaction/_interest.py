"""Which events a component's logic is for."""

from dataclasses import dataclass

from angzarr import MAIN
from angzarr.types_pb2 import ComponentDescriptor, Cover, EventBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """The inputs of a component; `editions`: "all", "main", or the names that it follows.

    `anywhere`: their types are endings of names, wherever those begin.
    """

    descriptor: ComponentDescriptor
    anywhere: bool
    editions: str | tuple[str, ...] = "all"

    def wants(self, book: EventBook) -> bool:
        """Say whether an event, in a book of its own, is for the logic."""
        cover, type_url = book.cover, book.pages[0].event.type_url
        is_read = self.descriptor.reads(cover.domain, type_url, anywhere=self.anywhere)
        return is_read and self.follows(cover)

    def follows(self, cover: Cover) -> bool:
        """Say whether the component is for the timeline of a cover (contract.md §4.8)."""
        match self.editions:
            case "all":
                return True
            case "main":
                return cover.is_main
            case names:
                return cover.edition_name in {MAIN if it == "main" else it for it in names}
