"""Letters as an operator sees them."""

from dataclasses import dataclass

from google.protobuf.any_pb2 import Any
from google.protobuf.timestamp_pb2 import Timestamp

from angzarr import FRAMEWORK_PREFIX
from angzarr.dead_letter_pb2 import DeadLetter, DeadLetterResult
from angzarr.types_pb2 import Cover, DeadLetterKind, DeadLetterState, RpcStatus
from angzarr_store import OPEN_LETTERS, Filed, Letter, LetterKind, LetterState

DEADLINE_EXCEEDED, FAILED_PRECONDITION = 4, 9

KINDS = {
    LetterKind.EVENT: DeadLetterKind.DEAD_LETTER_KIND_EVENT,
    LetterKind.COMMAND: DeadLetterKind.DEAD_LETTER_KIND_COMMAND,
    LetterKind.COMPENSATION: DeadLetterKind.DEAD_LETTER_KIND_COMPENSATION,
}
STATES = {
    DeadLetterState.DEAD_LETTER_STATE_PARKED: OPEN_LETTERS,
    DeadLetterState.DEAD_LETTER_STATE_REPLAYED: frozenset({LetterState.REPLAYED}),
    DeadLetterState.DEAD_LETTER_STATE_DISCARDED: frozenset({LetterState.DISCARDED}),
}


@dataclass(slots=True, kw_only=True)
class Component:
    """Whose letters they are; `kind` is aggregate, saga, projector or process_manager.

    `live` is the subscription that is known by the component's name, if it has another one.
    """

    name: str
    kind: str
    live: str = ""

    def subscriber(self, asked: str) -> str:
        """Return the subscription that somebody asks for by name."""
        return self.live or asked if asked == self.name else asked

    def shown(self, filed: Filed) -> DeadLetter:
        """Return a letter on the wire; the payload only if it was read."""
        it = filed.letter
        letter = DeadLetter(
            id=it.id,
            component=self.name if it.subscriber == self.live else it.subscriber,
            component_type=self.kind,
            kind=KINDS[it.kind],
            state=_state(it),
            cover=_cover(it),
            sequence=it.sequence,
            position=it.position,
            status=RpcStatus.FromString(it.status),
            reason=it.reason,
            attempts=it.attempts,
            parked_at=_time(it.parked_at),
            last_attempt_at=_time(it.attempted_at),
            waiting=filed.waiting,
            note=it.note,
            command_id=it.command_id,
        )
        if it.payload:
            book = "EventBook" if it.kind is LetterKind.EVENT else "CommandBook"
            type_url = f"{FRAMEWORK_PREFIX}angzarr.{book}"
            letter.payload.CopyFrom(Any(type_url=type_url, value=it.payload))
        return letter

    @staticmethod
    def result(letter: Letter) -> DeadLetterResult:
        """Return what a letter has come to, and why it is still parked."""
        result = DeadLetterResult(id=letter.id, state=_state(letter))
        if letter.state is LetterState.REPLAY:
            result.status.code = DEADLINE_EXCEEDED
            result.status.message = "The replay goes on"
        elif letter.is_open and not letter.attempts:
            result.status.code = FAILED_PRECONDITION
            result.status.message = "An older dead letter of the root is parked"
        elif letter.is_open:
            result.status.CopyFrom(RpcStatus.FromString(letter.status))
        return result


def _state(letter: Letter) -> DeadLetterState.ValueType:
    return next(state for state, stored in STATES.items() if letter.state in stored)


def _cover(letter: Letter) -> Cover:
    """Return the cover; letters of the first layout have none of their own."""
    if letter.cover:
        return Cover.FromString(letter.cover)
    return Cover().address(letter.domain, letter.key.root, edition=letter.key.edition)


def _time(text: str) -> Timestamp | None:
    if not text:
        return None
    time = Timestamp()
    time.FromJsonString(text)
    return time
