"""Parsing what strangers send: bytes that would become too many objects never do (C10)."""

from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

SMALL_BYTES = 64 * 1024
VARINT, SIZED = 0, 2
FIXED = {1: 8, 5: 4}
TEXT, PACKED = "text", "packed"
TEXTS = frozenset({FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES})

MessageT = TypeVar("MessageT", bound=Message)


def parse(kind: type[MessageT], data: bytes, limit_parts: int) -> MessageT:
    """Return the message in `data`; to be called off the loop from SMALL_BYTES on.

    Raises:
        DecodeError: it is no message, or one of more than `limit_parts` fields and elements.
    """
    if len(data) > limit_parts and _has_more_parts(data, kind, limit_parts):
        raise DecodeError(f"more than {limit_parts} fields")
    return kind.FromString(data)


def _has_more_parts(data: bytes, whole: type[Message], limit: int) -> bool:
    """Count without making anything; what is malformed is left to the parser."""
    count, left = 0, list[tuple[int, int, Any]]([(0, len(data), whole.DESCRIPTOR)])
    try:
        while left:
            at, end, kind = left.pop()
            sized = _sized_fields(kind)
            while at < end and count <= limit:
                tag, at = _varint(data, at)
                if tag & 7 == SIZED:
                    size, at = _varint(data, at)
                    field = sized.get(tag >> 3, TEXT)
                    if field is PACKED:
                        count += size
                    elif size and field is not TEXT:
                        left.append((at, at + size, field))
                    at += size
                else:
                    at = _varint(data, at)[1] if tag & 7 == VARINT else at + FIXED.get(tag & 7, 0)
                count += 1
    except IndexError:
        return False
    return count > limit


@cache
def _sized_fields(kind: Descriptor) -> dict[int, Any]:
    """Return what is in the fields that have a length: a message, text, or packed numbers."""
    return {
        field.number: field.message_type or (TEXT if field.type in TEXTS else PACKED)
        for field in kind.fields
    }


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where the next thing begins; more than ten bytes are none."""
    value = data[at]
    if value < 0x80:  # noqa: PLR2004 - the bit that says that more follows
        return value, at + 1
    value &= 0x7F
    for shift in range(7, 70, 7):
        at += 1
        value |= (data[at] & 0x7F) << shift
        if data[at] < 0x80:  # noqa: PLR2004 - as above
            return value, at + 1
    raise IndexError(at)
