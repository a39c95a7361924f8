"""Logic of an author with a read model, a place beside it, and effects that others see."""

from collections import defaultdict
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import EventBook, Projection

from .logic import ProjectorLogic, text_of

Texts = dict[bytes, list[str]]
REBUILD = ("x-angzarr-rebuild", "true")


class ModelLogic(ProjectorLogic):
    """Keeps the texts of each root, once each; what is not a rebuild has an effect as well.

    `gaps` are events that came before one that they follow; `word` is put before every text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.live: Texts = defaultdict(list)
        self.beside: Texts | None = None
        self.effects: list[tuple[bytes, int]] = []
        self.gaps: list[tuple[bytes, int]] = []
        self.begun = self.switched = 0
        self.word = ""
        self.log: list[str] = []
        self.beside_gates: dict[str, Any] = {}
        self.refuses_rebuilt: set[str] = set()
        self.switch_failures: list[grpc.StatusCode] = []
        self.methods["ReadModel/Begin"] = Empty, self.begin
        self.methods["ReadModel/Switch"] = Empty, self.switch

    async def begin(self, _request: Empty, _context: Any) -> Empty:
        """Make the place beside empty."""
        self.begun += 1
        self.log.append("begin")
        self.beside = defaultdict(list)
        return Empty()

    async def switch(self, _request: Empty, context: Any) -> Empty:
        """Put what stands beside in its place; nothing stands there after a repeat."""
        self.switched += 1
        if self.switch_failures:
            await context.abort(self.switch_failures.pop(0), "not now")
        if self.beside is not None:
            self.live, self.beside = self.beside, None
        return Empty()

    async def handle(self, book: EventBook, context: Any) -> Projection:
        """Project one event into the model that it comes for."""
        rebuild = REBUILD in tuple(context.invocation_metadata())
        text = text_of(book.pages[0].event)
        if rebuild and text in self.refuses_rebuilt:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Projector says no")
        if not rebuild:
            await super().handle(book, context)
        elif text in self.beside_gates:
            await self.beside_gates[text].wait()
            self.log.append("late")
        model = self.beside if rebuild else self.live
        if model is None:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "nothing is beside")
            raise AssertionError
        root, sequence = book.cover.root.value, book.pages[0].num
        if sequence > len(model[root]):
            self.gaps.append((root, sequence))
        if sequence == len(model[root]):
            model[root].append(self.word * rebuild + text)
            self.effects += [(root, sequence)] * (not rebuild)
        projection = Projection(sequence=sequence)
        said = ",".join(model[root][: sequence + 1])
        projection.projection.Pack(StringValue(value=said))
        return projection
