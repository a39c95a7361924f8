"""Flag over environment over file over default."""

import dataclasses
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from angzarr_settings._convert import Tree, Value, build, check_address
from angzarr_settings._errors import SettingsError
from angzarr_settings._settings import Settings

PREFIX = "ANGZARR_"
FILE_VARIABLE = "ANGZARR_CONFIG"
FROM_FILE = "_FILE"
OTHERS_MODE = 0o077

_IPV6_ADDRESS = re.compile(r"\[[^]]+\]:\d+")


def load(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None
) -> Settings:
    """Return the settings of this process.

    Shape: `arguments` are `--path.of.key=value` and `--config=FILE`, by default those of the
    process; `environment` maps ANGZARR_PATH__OF__KEY to values, lists and maps as JSON, and
    ANGZARR_PATH__OF__KEY_FILE to a file that holds the value.

    Raises:
        SettingsError: a key is unknown or a value is wrong; it names the value and its origin.
    """
    variables = os.environ if environment is None else environment
    tree, _ = read_tree(sys.argv[1:] if arguments is None else arguments, variables)
    settings: Settings = build(Settings, tree)
    _check(settings)
    return settings


def read_tree(
    arguments: Sequence[str], variables: Mapping[str, str], *, default_file: str = ""
) -> tuple[Tree, str]:
    """Return what flags, variables and file say together, and the path of the file.

    Raises:
        SettingsError: the file cannot be read, or a flag is not --KEY=VALUE.
    """
    flags = _flags(arguments)
    file = flags.pop("config", variables.get(FILE_VARIABLE, ""))
    if not file and default_file and Path(default_file).exists():
        file = default_file
    tree = _file_tree(Path(file)) if file else {}
    for name, text in sorted(variables.items()):
        if name.startswith(PREFIX) and name != FILE_VARIABLE:
            value = _secret(Path(text), name) if name.endswith(FROM_FILE) else Value(text, name)
            path = name.removeprefix(PREFIX).removesuffix(FROM_FILE).lower().split("__")
            _put(tree, path, dataclasses.replace(value, plain=_parsed(str(value.plain), name)))
    for key, text in flags.items():
        _put(tree, key.split("."), Value(_parsed(text, f"--{key}"), f"--{key}"))
    return tree, file


def _check(settings: Settings) -> None:
    for key, address in (
        ("listen", settings.listen),
        ("monitoring.listen", settings.monitoring.listen),
        ("component.logic", settings.component.logic),
        ("event_stream", settings.event_stream),
        ("component.upcaster.address", settings.component.upcaster.address),
    ):
        if address:
            check_address(key, address)
    for endpoint in settings.discovery.endpoints:
        for address in endpoint.addresses or ("",):
            check_address(f"discovery.endpoints of {endpoint.name}", address)


def _secret(file: Path, origin: str) -> Value:
    """Return what a file says that nobody but this user may read."""
    try:
        text, found = file.read_text(encoding="utf-8"), file.stat()
    except OSError as error:
        what = f"{file} cannot be read: {error.strerror}"
        raise SettingsError(what, origin, "Name a file of this user.") from error
    if found.st_mode & OTHERS_MODE or found.st_uid not in {0, os.geteuid()}:
        what = f"{file} is of mode {found.st_mode & 0o777:o} of user {found.st_uid}"
        raise SettingsError(what, origin, "Make it yours alone: chmod 600.")
    return Value(text.rstrip("\n"), origin, is_secret=True)


def _flags(arguments: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or not equals:
            raise SettingsError(f"unknown argument {argument}", "command line", "Use --KEY=VALUE.")
        found[key] = value
    return found


def _file_tree(file: Path) -> Tree:
    import yaml  # noqa: PLC0415 - only a process with a file pays for it

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{file} cannot be read", str(error), "Repair the file.") from error
    if not isinstance(content, dict):
        raise SettingsError(f"{file} is not a map of keys", str(file), "Start with `store:`.")
    return _tree(content, str(file))


def _tree(content: Mapping[str, object], origin: str) -> Tree:
    return {
        str(name): _tree(plain, origin) if isinstance(plain, dict) else Value(plain, origin)
        for name, plain in content.items()
    }


def _put(tree: Tree, path: Sequence[str], value: Value) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        if isinstance(inner, Value):
            raise SettingsError(f"{name} has a value", inner.origin, f"Remove {value.origin}.")
        tree = inner
    tree[path[-1]] = value


def _parsed(text: str, origin: str) -> object:
    if not text.startswith(("[", "{")) or _IPV6_ADDRESS.fullmatch(text):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise SettingsError(f"{origin} is not JSON", origin, str(error)) from error
