"""The message types that installed packages and given modules know."""

import base64
import importlib
from collections.abc import Iterator, Sequence
from importlib import metadata
from types import ModuleType
from typing import Any

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message

from angzarr import type_name
from angzarr.types_pb2 import SagaCompensationFailed
from angzarr_cli._exit import USAGE, CliError

GROUP = "angzarr.proto"


class Types:
    """Messages by full and by short name."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._kinds: dict[str, type[Message]] = {}
        for module in _modules(modules):
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Message):
                    self._kinds[value.DESCRIPTOR.full_name] = value

    def find(self, name: str) -> type[Message]:
        """Return the message class that a full or unambiguous short name means.

        Raises:
            CliError: no class or several have the name.
        """
        found = [
            kind
            for full, kind in self._kinds.items()
            if full == name or full.rpartition(".")[2] == name
        ]
        if len(found) == 1:
            return found[0]
        known = ", ".join(sorted(full.rpartition(".")[2] for full in self._kinds)) or "none"
        what = "several messages have" if found else "no message has"
        raise CliError(USAGE, f'{what} the name "{name}"; known: {known}.')

    def plain(self, packed: AnyMessage) -> dict[str, Any]:
        """Return a payload as plain data; one of an unknown type, or that holds one, as base64."""
        kind = self._kinds.get(type_name(packed.type_url))
        if packed.Is(SagaCompensationFailed.DESCRIPTOR):
            kind = SagaCompensationFailed
        if kind is None:
            return {"base64": base64.b64encode(packed.value).decode()}
        try:
            message = kind.FromString(packed.value)
            plain: dict[str, Any] = json_format.MessageToDict(
                message, preserving_proto_field_name=True
            )
        except (DecodeError, TypeError):
            return {"base64": base64.b64encode(packed.value).decode()}
        return plain


def _modules(names: Sequence[str]) -> Iterator[ModuleType]:
    entries = [entry.value for entry in metadata.entry_points(group=GROUP)]
    for name in [*entries, *names]:
        try:
            yield importlib.import_module(name)
        except ImportError as error:
            text = f'module "{name}" cannot be imported: {error}.'
            raise CliError(USAGE, text) from error
