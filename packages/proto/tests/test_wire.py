"""The wire is fixed: field numbers, types and methods equal the checked-in table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from angzarr import rpc
from angzarr.types_pb2 import EventBook

TABLE = Path(__file__).with_name("wire.txt")


def messages() -> Iterator[type[Message]]:
    """Yield every message of the contract, by name."""
    names = {"angzarr/types.proto", *(f"angzarr/{name}.proto" for name in _STEMS)}
    for name in sorted(names):
        for _, descriptor in sorted(Default().FindFileByName(name).message_types_by_name.items()):
            yield GetMessageClass(descriptor)


_STEMS = (
    "dead_letter",
    "edition",
    "feed",
    "link",
    "process_manager",
    "progress",
    "rebuild",
    "speculative",
    "timer",
    "upcaster",
)


def lines() -> Iterator[str]:
    """Yield one line per field and per method."""
    for message in messages():
        for field in message.DESCRIPTOR.fields:
            kind = field.message_type.full_name if field.message_type else _TYPES[field.type]
            label = "repeated " if field.is_repeated else ""
            oneof = f" in {field.containing_oneof.name}" if field.containing_oneof else ""
            yield f"{message.DESCRIPTOR.name}.{field.number} {label}{kind} {field.name}{oneof}"
    for methods in rpc.SERVICES.values():
        for method in methods:
            asked = "stream " * method.client_streams + method.request.DESCRIPTOR.full_name
            answered = "stream " * method.server_streams + method.reply.DESCRIPTOR.full_name
            yield f"{method.path} {asked} -> {answered}"


_TYPES = {
    value: name.removeprefix("TYPE_").lower()
    for name, value in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}


def test_the_wire_equals_its_table() -> None:
    """No number, type, name or method has changed since the table was checked in."""
    assert TABLE.read_text(encoding="utf-8").splitlines() == list(lines())


@pytest.mark.parametrize("message", list(messages()), ids=lambda made: str(made.__name__))
def test_a_full_message_re_encodes_to_equal_bytes(message: type[Message]) -> None:
    """Decoding and encoding a message with every field set changes no byte."""
    data = filled(message, depth=3).SerializeToString(deterministic=True)

    assert message.FromString(data).SerializeToString(deterministic=True) == data


def test_unknown_fields_survive() -> None:
    """What a newer peer wrote is passed on."""
    data = EventBook(next_sequence=3).SerializeToString() + b"\xca\x3e\x03abc"

    assert EventBook.FromString(data).SerializeToString() == data


def filled(message: type[Message], depth: int) -> Message:
    """Return a message with a value in every field, nested to `depth`."""
    made = message()
    for field in message.DESCRIPTOR.fields:
        if field.message_type is None:
            value = _VALUES.get(field.type, 1)
            if field.is_repeated:
                getattr(made, field.name).append(value)
            else:
                setattr(made, field.name, value)
        elif depth and not field.message_type.GetOptions().map_entry:
            inner = filled(GetMessageClass(field.message_type), depth - 1)
            if field.is_repeated:
                getattr(made, field.name).append(inner)
            else:
                getattr(made, field.name).CopyFrom(inner)
    return made


_VALUES: dict[int, object] = {
    FieldDescriptor.TYPE_STRING: "x",
    FieldDescriptor.TYPE_BYTES: b"x",
    FieldDescriptor.TYPE_BOOL: True,
}


if __name__ == "__main__":
    TABLE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
