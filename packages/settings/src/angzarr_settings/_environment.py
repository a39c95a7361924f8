"""Settings as variables, for a process that is started by another."""

import dataclasses
import json
from collections.abc import Iterator, Mapping

from angzarr_settings._load import PREFIX
from angzarr_settings._settings import Settings


def as_environment(settings: Settings) -> dict[str, str]:
    """Return the variables from which `load` makes equal settings; defaults are left out."""
    return dict(_variables(PREFIX, settings, Settings()))


def _variables(path: str, value: object, default: object) -> Iterator[tuple[str, str]]:
    if value == default:
        return
    if dataclasses.is_dataclass(value):
        joint = path if path == PREFIX else f"{path}__"
        for field in dataclasses.fields(value):
            name = f"{joint}{field.name.upper()}"
            yield from _variables(name, getattr(value, field.name), getattr(default, field.name))
    elif isinstance(value, tuple):
        yield path, json.dumps([dataclasses.asdict(item) for item in value])
    elif isinstance(value, Mapping):
        plain = {name: dataclasses.asdict(item) for name, item in value.items()}
        yield path, json.dumps(plain)
    else:
        yield path, str(value)
