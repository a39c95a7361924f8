"""What the environment tells a logic process (contract.md §5, operations.md §9)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from angzarr_settings._convert import check_address
from angzarr_settings._errors import SettingsError
from angzarr_settings._settings import LogSettings

SERVICE_NAMES = {
    "aggregate": "business",
    "saga": "saga",
    "projector": "projector",
    "process_manager": "process-manager",
    "upcaster": "upcaster",
}
NAME_VARIABLES = {
    "aggregate": "DOMAIN",
    "saga": "SAGA_NAME",
    "projector": "PROJECTOR_NAME",
    "process_manager": "DOMAIN",
    "upcaster": "DOMAIN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogicSettings:
    """Where one logic service listens: unix:PATH or HOST:PORT; and how it writes its log."""

    listen: str
    log: LogSettings = field(default_factory=LogSettings)


def logic_environment(kind: str, name: str, directory: str, port: int) -> dict[str, str]:
    """Return what a logic process is told: a socket in `directory`, or with `port` TCP."""
    told = {"SERVICE_NAME": SERVICE_NAMES[kind], NAME_VARIABLES[kind]: name}
    if port:
        return {**told, "TRANSPORT_TYPE": "tcp", "PORT": str(port)}
    return {**told, "TRANSPORT_TYPE": "uds", "UDS_BASE_PATH": directory}


def load_logic(
    kind: str, name: str, *, port: int, environment: Mapping[str, str] | None = None
) -> LogicSettings:
    """Return where the logic `name` of `kind` listens; `port` is used when PORT is not set.

    Raises:
        SettingsError: TRANSPORT_TYPE or PORT is wrong, or the socket's path is too long.
    """
    variables = os.environ if environment is None else environment
    transport = variables.get("TRANSPORT_TYPE", "tcp")
    if transport not in {"tcp", "uds"}:
        what = f"TRANSPORT_TYPE is {transport!r}"
        raise SettingsError(what, "TRANSPORT_TYPE", "Make it tcp or uds.")
    if transport == "tcp":
        listen = f"127.0.0.1:{variables.get('PORT') or port}"
    else:
        called = variables.get("SERVICE_NAME", SERVICE_NAMES[kind])
        own = variables.get(NAME_VARIABLES[kind], name)
        directory = variables.get("UDS_BASE_PATH", ".")
        listen = f"unix:{Path(directory) / f'{called}-{own}.sock'}"
    check_address("PORT", listen)
    return LogicSettings(listen=listen)


def variable(name: str, default: str = "") -> str:
    """Return a variable of the author's own, such as DATABASE_URL."""
    return os.environ.get(name, default)


def environment() -> Mapping[str, str]:
    """Return the variables of this process, to be handed on."""
    return dict(os.environ)
