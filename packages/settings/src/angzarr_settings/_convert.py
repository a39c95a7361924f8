"""From plain values to settings: types checked, unknown keys refused."""

import dataclasses
import difflib
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from angzarr_settings._errors import SettingsError

LONGEST_SOCKET = 107

_WORDS = {"true": True, "false": False}


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """A plain value and where it stands."""

    plain: object
    origin: str
    is_secret: bool = False

    @property
    def shown(self) -> str:
        """Return the value as an error may tell it."""
        return "***" if self.is_secret else repr(self.plain)


Tree = dict[str, "Value | Tree"]


def build(kind: type[Any], tree: Tree, path: str = "") -> Any:  # noqa: ANN401 - an instance of kind
    """Return an instance of the dataclass `kind` with the values of `tree`.

    Raises:
        SettingsError: a key is unknown, missing, or its value has the wrong type.
    """
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    values: dict[str, Any] = {}
    for name, value in tree.items():
        key = f"{path}{name}"
        if name not in names:
            raise _unknown(key, names, path, _origin(value))
        values[name] = _convert(hints[name], value, key)
    try:
        return kind(**values)
    except TypeError as error:
        raise SettingsError(str(error), path or "settings", "Give the missing key.") from error


def _convert(hint: Any, value: "Value | Tree", key: str) -> Any:  # noqa: ANN401 - any type of key
    if dataclasses.is_dataclass(hint):
        return build(hint, _subtree(value, key, hint), f"{key}.")  # type: ignore[arg-type]  # a class
    if get_origin(hint) is Mapping:
        return _mapping(get_args(hint)[1], value, key)
    if not isinstance(value, Value):
        raise SettingsError(f"{key} is a group", _origin(value), "Give it one value.")
    if get_origin(hint) in {Union, UnionType}:
        usual, many = get_args(hint)
        hint = many if isinstance(value.plain, list) and many is not NoneType else usual
    if get_origin(hint) is tuple:
        return _sequence(get_args(hint)[0], value, key)
    if get_origin(hint) is Literal:
        return _choice(get_args(hint), value, key)
    return _scalar(hint, value, key)


def _sequence(hint: Any, value: Value, key: str) -> tuple[Any, ...]:  # noqa: ANN401 - any type
    if not isinstance(value.plain, list):
        raise _wrong(key, value, "a list")
    return tuple(
        _convert(hint, dataclasses.replace(value, plain=plain), f"{key}[{at}]")
        for at, plain in enumerate(value.plain)
    )


def _mapping(hint: Any, value: "Value | Tree", key: str) -> dict[str, Any]:  # noqa: ANN401 - any type
    return {
        name: _convert(hint, inner, f"{key}.{name}") for name, inner in _subtree(value, key).items()
    }


def _choice(choices: tuple[str, ...], value: Value, key: str) -> str:
    """Return the chosen word; in a file process-manager and process_manager are one word.

    YAML reads the word off as false.
    """
    chosen = "off" if value.plain is False else str(value.plain).replace("-", "_")
    if chosen not in choices:
        raise _wrong(key, value, " or ".join(filter(None, choices)))
    return chosen


def _scalar(hint: type[Any], value: Value, key: str) -> object:
    plain = value.plain
    if hint is bool and isinstance(plain, str):
        plain = _WORDS.get(plain.lower(), plain)
    elif hint in {int, float} and isinstance(plain, str | int) and not isinstance(plain, bool):
        try:
            plain = hint(plain)
        except ValueError:
            raise _wrong(key, value, "a number") from None
    if not isinstance(plain, hint):
        raise _wrong(key, value, {bool: "true or false", str: "text"}.get(hint, "a number"))
    return plain


def _subtree(value: "Value | Tree", key: str, kind: object = None) -> Tree:
    if not isinstance(value, Value):
        return value
    short = getattr(kind, "SHORT_FOR", "")
    if short and isinstance(value.plain, str):
        return {short: value}
    if not isinstance(value.plain, Mapping):
        raise _wrong(key, value, "a group of keys")
    return {
        str(name): dataclasses.replace(value, plain=plain) for name, plain in value.plain.items()
    }


def _origin(value: "Value | Tree") -> str:
    while not isinstance(value, Value):
        value = next(iter(value.values()))
    return value.origin


def _wrong(key: str, value: Value, wanted: str) -> SettingsError:
    return SettingsError(f"{key} is {value.shown}", value.origin, f"Make it {wanted}.")


def _unknown(key: str, known: list[str], path: str, origin: str) -> SettingsError:
    near = difflib.get_close_matches(key.rpartition(".")[2], known, n=1, cutoff=0)
    return SettingsError(f"unknown key {key}", origin, f"Did you mean {path}{near[0]}?")


def check_address(key: str, address: str) -> None:
    """Refuse what is neither unix:PATH nor HOST:PORT.

    Raises:
        SettingsError: it is neither, or the path is longer than a socket's may be.
    """
    scheme, _, path = address.partition(":")
    if scheme == "unix":
        if len(path.encode()) > LONGEST_SOCKET:
            what = f"{key} {path} is {len(path.encode())} bytes, the limit is {LONGEST_SOCKET}"
            raise SettingsError(what, key, "Set ANGZARR_RUN_DIR to a shorter directory.")
        return
    port = address.rpartition(":")[2]
    if not port.isdigit():
        raise SettingsError(f"{key} is {address!r}", key, "Make it unix:PATH or HOST:PORT.")
