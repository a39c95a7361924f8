"""Which events a component's logic is for."""

from dataclasses import dataclass

from angzarr import MAIN
from angzarr.types_pb2 import ComponentDescriptor, Cover, EventBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """The inputs of a component; `editions`: "all", "main", or the names that it follows."""

    descriptor: ComponentDescriptor
    editions: str | tuple[str, ...] = "all"

    def wants(self, book: EventBook) -> bool:
        """Say whether an event, in a book of its own, is for the logic."""
        cover, type_url = book.cover, book.pages[0].event.type_url
        return self.follows(cover) and self.descriptor.reads(cover.domain, type_url)

    def follows(self, cover: Cover) -> bool:
        """Say whether the component is for the timeline of a cover (contract.md §4.8)."""
        match self.editions:
            case "all":
                return True
            case "main":
                return cover.is_main
            case names:
                return cover.edition_name in {MAIN if it == "main" else it for it in names}
