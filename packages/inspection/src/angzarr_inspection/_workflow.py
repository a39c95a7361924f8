"""One workflow as a tree: commands, their events, and who reacted to which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from angzarr import decision_id, reaction_command_id
from angzarr.dead_letter_pb2 import DeadLetter
from angzarr.progress_pb2 import ComponentProgress
from angzarr.types_pb2 import Cover, EventBook, EventPage

COMMANDS_PER_EVENT = 64

Place = tuple[str, str, bytes, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of the workflow."""

    cover: Cover
    page: EventPage

    @property
    def place(self) -> Place:
        """Return domain, edition, root and sequence, from which ids are derived."""
        cover = self.cover
        return (cover.domain, cover.edition_name, cover.root.value, self.page.num)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command and what it led to, in order."""

    id: str
    domain: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What a component did about an event: its own events, its commands, and what it parked."""

    component: str
    kind: str
    events: tuple[Event, ...]
    commands: tuple[Command, ...]
    letter: DeadLetter | None

    @property
    def is_any(self) -> bool:
        """Say whether something came of it."""
        return bool(self.events or self.commands or self.letter)


class Workflow:
    """The events of a correlation id; who caused them is told by the derived ids of commands."""

    def __init__(
        self,
        books: Sequence[EventBook],
        subscribers: Sequence[ComponentProgress],
        letters: Sequence[DeadLetter],
    ) -> None:
        self._subscribers = subscribers
        self._letters = {
            (it.component, Event(cover=it.cover, page=EventPage(num=it.sequence)).place): it
            for it in letters
        }
        self._reactions: dict[Place, list[Reaction]] = {}
        self._commands: dict[tuple[str, str], Command] = {}
        for event in (Event(cover=it.cover, page=page) for it in books for page in it.pages):
            key = (event.cover.domain, event.page.command_id)
            known = self._commands.get(key)
            events = (*known.events, event) if known else (event,)
            self._commands[key] = Command(id=key[1], domain=key[0], events=events)
        self._by_id: dict[str, list[Command]] = {}
        for command in self._commands.values():
            self._by_id.setdefault(command.id, []).append(command)

    def roots(self) -> list[Command]:
        """Return the commands that nothing in the workflow caused, in the order of time."""
        caused = {
            (it.domain, it.id)
            for command in self._commands.values()
            for event in command.events
            for reaction in self.reactions(event)
            for it in (*reaction.commands, *_decisions(reaction))
        }
        found = [it for key, it in self._commands.items() if key not in caused]
        return sorted(found, key=lambda it: it.events[0].page.created_at.ToNanoseconds())

    def reactions(self, event: Event) -> Sequence[Reaction]:
        """Return what sagas and process managers did about an event, and who has parked it."""
        if event.place not in self._reactions:
            readers = [it for it in self._subscribers if it.domain == event.cover.domain]
            found = [self._reaction(it, event.place) for it in readers]
            self._reactions[event.place] = [it for it in found if it.is_any]
        return self._reactions[event.place]

    def _reaction(self, by: ComponentProgress, place: Place) -> Reaction:
        ids = (reaction_command_id(by.component, place, it) for it in range(COMMANDS_PER_EVENT))
        decided = self._by_id.get(decision_id(by.component, place), [])
        return Reaction(
            component=by.component,
            kind=by.component_type,
            events=tuple(event for it in decided for event in it.events),
            commands=tuple(it for id_ in ids for it in self._by_id.get(id_, [])),
            letter=self._letters.get((by.component, place)),
        )


def _decisions(reaction: Reaction) -> Iterator[Command]:
    for it in reaction.events:
        yield Command(id=it.page.command_id, domain=it.cover.domain, events=())
