"""What `angzarr up` needs before it can start (experience.md §4)."""

import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from angzarr_defence import directory_fault
from angzarr_doctor._finding import Finding
from angzarr_plan import LONGEST_SOCKET, longest_socket
from angzarr_plugins import PluginError, plugin
from angzarr_settings import ProjectSettings, SettingsError
from angzarr_standalone import PortTakenError, check_listener, run_directory_of
from angzarr_store import Store

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 128 * 1024 * 1024


def check_needs(project: ProjectSettings, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding per thing that `up` needs; it reads and binds, and leaves nothing behind."""
    yield _python()
    yield from _ports(project)
    yield from _sockets(project, environment)
    yield _store(project)
    yield _space(project)
    yield from _programs(project)


def _python() -> Finding:
    text = f"python {platform.python_version()}, angzarr {metadata.version('angzarr-doctor')}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding.failure(f"{text}: at least python 3.11 is needed")
    return Finding.ok(text)


def _ports(project: ProjectSettings) -> Iterator[Finding]:
    free: list[str] = []
    for key, address in project.listeners.items():
        try:
            check_listener(key, address)
        except SettingsError as error:
            yield Finding.failure(error.what, then="angzarr up --no-tcp")
        except PortTakenError as error:
            yield Finding.failure(str(error).removesuffix("."), then="angzarr up --no-tcp")
        else:
            free.append(address.rpartition(":")[2])
    if free:
        yield Finding.ok(f"ports {' '.join(sorted(free))} free")


def _sockets(project: ProjectSettings, environment: Mapping[str, str]) -> Iterator[Finding]:
    directory = run_directory_of(project, environment)
    path = longest_socket(project, directory)
    size = len(str(path).encode())
    if size > LONGEST_SOCKET:
        text = f"socket path is {size} bytes, the limit is {LONGEST_SOCKET}"
        yield Finding.failure(text, str(path), then="export ANGZARR_RUN_DIR=~/.angzarr")
    else:
        yield Finding.ok(f"sockets fit into {directory}")
    if directory.exists() and (fault := directory_fault(directory)):
        yield Finding.failure(fault, then=f"chmod 700 {directory}")


def _store(project: ProjectSettings) -> Finding:
    try:
        plugin("angzarr.store", project.store.kind, Store)  # type: ignore[type-abstract]  # the contract is asked for
    except PluginError as error:
        return Finding.failure(error.what, then=error.fix.removeprefix("next: "))
    return Finding.ok(f"store {project.store.kind} is installed")


def _space(project: ProjectSettings) -> Finding:
    place = Path(project.store.directory or project.home)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES:
        return Finding.failure(f"{place} has {free} bytes free, {FREE_BYTES} are needed")
    return Finding.ok(f"{free // 2**30} GiB free in {place}")


def _programs(project: ProjectSettings) -> Iterator[Finding]:
    members, services = project.components.items(), project.services.items()
    commands = [(name, it.run) for name, it in members] + [(name, it.run) for name, it in services]
    missing = [(name, run[0]) for name, run in commands if run and not _is_program(run[0], project)]
    for name, program in missing:
        yield Finding.failure(f"{name} cannot start: there is no program {program}")
    if not missing:
        yield Finding.ok(f"{len(commands)} programs are there")


def _is_program(program: str, project: ProjectSettings) -> bool:
    if "/" in program:
        return (Path(project.home) / program).exists()
    beside = Path(sys.executable).parent / program
    return beside.exists() or shutil.which(program) is not None
