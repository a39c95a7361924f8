"""One name, one implementation."""

from importlib.metadata import entry_points
from typing import TypeVar

ContractT = TypeVar("ContractT")


class PluginError(Exception):
    """A configured name means no implementation, or more than one; `fix` says what to do."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what} {fix}")
        self.what = what
        self.fix = fix


def plugin(group: str, name: str, contract: type[ContractT]) -> type[ContractT]:
    """Return the class that implements `contract` under `name`.

    Shape: `group` is an entry point group such as "angzarr.store".

    Raises:
        PluginError: nothing or more than one thing is installed under the name, or it is no
            implementation of the contract.
    Rule: reliability.md §13 N8.
    """
    kind = group.rpartition(".")[2]
    found = tuple(entry_points(group=group, name=name))
    if not found:
        installed = ", ".join(sorted({point.name for point in entry_points(group=group)})) or "none"
        what = f'{kind} "{name}" is not installed; installed: {installed}.'
        raise PluginError(what, f"next: uv add angzarr-{kind}-{name}")
    if len(found) > 1:
        owners = ", ".join(sorted(point.dist.name for point in found if point.dist))
        raise PluginError(f'{kind} "{name}" is installed by {owners}.', "Remove all but one.")
    loaded = found[0].load()
    if not (isinstance(loaded, type) and issubclass(loaded, contract)):
        raise PluginError(f"{found[0].value} is no {contract.__name__}.", "Repair its entry point.")
    return loaded
