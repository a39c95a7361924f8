"""The message types that installed packages and given modules know."""

import base64
import importlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from types import ModuleType
from typing import Any

from google.protobuf import json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message

from angzarr import type_name
from angzarr.types_pb2 import SagaCompensationFailed
from angzarr_terminal import USAGE, CliError

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
        with suppress(DecodeError, TypeError):
            if kind is not None:
                message = kind.FromString(packed.value)
                return dict(json_format.MessageToDict(message, preserving_proto_field_name=True))
        return {"base64": base64.b64encode(packed.value).decode()}


def _modules(names: Sequence[str]) -> Iterator[ModuleType]:
    for name in [*(it.value for it in metadata.entry_points(group=GROUP)), *names]:
        try:
            yield importlib.import_module(name)
        except ImportError as error:
            raise CliError(USAGE, f'module "{name}" cannot be imported: {error}.') from error
