"""A history as lines of JSON, so that any suite can write one and old ones can be checked again."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, cast, get_args

import angzarr_store as store
from angzarr_history import _records
from angzarr_history._later_records import Outcome, Sent
from angzarr_history._records import Claim, History, Record

_KINDS = (*get_args(Record), Claim, Outcome, Sent, *vars(store).values())
_CLASSES = {it.__name__: it for it in _KINDS if isinstance(it, type) and is_dataclass(it)}
_ENUMS = {it.__name__: it for it in _KINDS if isinstance(it, type) and issubclass(it, Enum)}


def to_lines(history: History) -> Iterator[str]:
    """Yield one line per record."""
    for record in history:
        yield json.dumps(_plain(record), separators=(",", ":"))


def from_lines(lines: Iterable[str]) -> History:
    """Return the history that `to_lines` wrote.

    Raises:
        ValueError: a line is not a record.
    """
    records = []
    for number, line in enumerate(lines, 1):
        try:
            record = _value(json.loads(line))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is no record: {error!r}") from error
        if not isinstance(record, get_args(Record)):
            raise ValueError(f"line {number} is no record")  # noqa: TRY004 - a line, not an argument
        records.append(cast("Record", record))
    return _records.History(records=records)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, Enum):
        return {"enum": type(value).__name__, "value": value.value}
    if isinstance(value, frozenset):
        return {"set": sorted(value)}
    if isinstance(value, tuple):
        return [_plain(it) for it in value]
    if is_dataclass(value):
        values = {it.name: _plain(getattr(value, it.name)) for it in fields(value)}
        return {"record": type(value).__name__, **values}
    return value


def _value(plain: Any) -> Any:  # noqa: ANN401 - any field of a record
    if isinstance(plain, list):
        return tuple(_value(it) for it in plain)
    if not isinstance(plain, dict):
        return plain
    if "hex" in plain:
        return bytes.fromhex(plain["hex"])
    if "enum" in plain:
        return _ENUMS[plain["enum"]](plain["value"])
    if "set" in plain:
        return frozenset(plain["set"])
    values = {name: _value(it) for name, it in plain.items() if name != "record"}
    return _CLASSES[plain["record"]](**values)
