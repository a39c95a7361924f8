"""Says what was expected and what came, as JSON."""

import json
from collections.abc import Sequence

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

TIME = Timestamp.DESCRIPTOR.full_name


def shown(messages: Sequence[Message]) -> list[str]:
    """Return one line per message: its type and its fields."""
    return [
        f"{message.DESCRIPTOR.name} "
        + json.dumps(json_format.MessageToDict(message, preserving_proto_field_name=True))
        for message in messages
    ]


def unstamped(got: Sequence[Message], expected: Sequence[Message]) -> list[Message]:
    """Return `got` without the times that the expected messages leave open."""
    return [
        _without_times(message, wanted)
        for message, wanted in zip(got, [*expected, *[None] * len(got)], strict=False)
    ]


def check(what: str, mode: str, got: Sequence[Message], expected: Sequence[Message]) -> None:
    """Fail with both sides unless the messages are equal but for times left open."""
    found = unstamped(got, expected)
    if found != list(expected):
        lines = [f"{what} ({mode})", "expected:", *shown(expected), "got:", *shown(found)]
        raise AssertionError("\n  ".join(lines))


def _without_times(message: Message, wanted: Message | None) -> Message:
    copy = type(message)()
    copy.CopyFrom(message)
    if wanted is None or wanted.DESCRIPTOR is not message.DESCRIPTOR:
        return copy
    for field in message.DESCRIPTOR.fields:
        kind = field.message_type
        if kind is not None and kind.full_name == TIME and not wanted.HasField(field.name):
            copy.ClearField(field.name)
    return copy
