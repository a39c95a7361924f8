"""given(...).when(...).then(...) for each kind of logic; no pytest, no server, no store."""

from datetime import UTC, datetime
from typing import TypedDict, Unpack, overload
from uuid import UUID

from google.protobuf.message import Message

from angzarr_client import CommandRouter, ProcessRouter, ProjectorRouter, SagaRouter
from angzarr_testing._aggregate import AggregateCase
from angzarr_testing._books import Books
from angzarr_testing._process import ProcessCase
from angzarr_testing._projector import ProjectorCase
from angzarr_testing._saga import SagaCase

ROOT = UUID(bytes=bytes(range(16)))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ALL_MODES = ("plain", "snapshot", "twice")


class Options(TypedDict, total=False):
    """What a case may state beside its history."""

    root: UUID
    now: datetime
    modes: tuple[str, ...]


@overload
def given(router: CommandRouter, *events: Message, **options: Unpack[Options]) -> AggregateCase: ...


@overload
def given(router: SagaRouter, *events: Message, **options: Unpack[Options]) -> SagaCase: ...


@overload
def given(router: ProcessRouter, *events: Message, **options: Unpack[Options]) -> ProcessCase: ...


@overload
def given(
    router: ProjectorRouter, *events: Message, **options: Unpack[Options]
) -> ProjectorCase: ...


def given(
    router: CommandRouter | SagaRouter | ProcessRouter | ProjectorRouter,
    *events: Message,
    **options: Unpack[Options],
) -> AggregateCase | SagaCase | ProcessCase | ProjectorCase:
    """Return a case of a router.

    Shape: `events` are the history of the root: of the aggregate, or of the source before the
    event that a saga or projector is shown, of the process itself. `root` of a process is that
    of the events it is shown. `modes` other than plain run the case again: with the
    history cut by a snapshot at every place, and with each call made twice.
    """
    root, now = options.get("root", ROOT), options.get("now", NOW)
    modes = options.get("modes", ALL_MODES)
    match router:
        case CommandRouter():
            return AggregateCase(router, Books(router.name, root, now), events, now, modes)
        case SagaRouter():
            domain = router.descriptor.inputs[0].domain
            return SagaCase(router, Books(domain, root, now), events, now)
        case ProcessRouter():
            return ProcessCase(router, root, events, now, modes)
        case ProjectorRouter():
            domain = router.descriptor.inputs[0].domain
            return ProjectorCase(router, Books(domain, root, now), events)
