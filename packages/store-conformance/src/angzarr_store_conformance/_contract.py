"""What keeps a contract's tests whole: a store can neither drop nor replace one."""

from collections.abc import Awaitable, Callable

from typing_extensions import override

from angzarr_store import Batch, RootKey, Store

Reopen = Callable[[], Awaitable[Store]]

MAIN = "angzarr"


class Contract:
    """Base of the kits. A subclass gives the fixture `reopen`: the store as after a restart."""

    @override
    def __init_subclass__(cls) -> None:
        """Refuse a subclass that overrides an inherited test.

        Raises:
            TypeError: it does.
        """
        for name in vars(cls):
            if name.startswith("test_") and any(hasattr(base, name) for base in cls.__bases__):
                raise TypeError(f"{cls.__name__} overrides {name} of its contract")


def root_key(number: int, edition: str = MAIN) -> RootKey:
    """Return the key of a root with a recognisable value."""
    return RootKey(edition=edition, root=number.to_bytes(16, "big"))


def batch(command_id: str, *, root: int = 1, base: int = 0, pages: int = 1) -> Batch:
    """Return an accepted batch of small pages."""
    return Batch(
        command_id=command_id,
        key=root_key(root),
        type_url="type.googleapis.com/test.Do",
        base=base,
        correlation_id=f"flow-{root}",
        created_at="2026-01-01T00:00:00Z",
        pages=tuple(b"\x08%c" % (base + i) for i in range(pages)),
    )


def rejection(command_id: str, *, root: int = 1, base: int = 0) -> Batch:
    """Return the batch of a command that logic refused."""
    return Batch(
        command_id=command_id,
        key=root_key(root),
        type_url="type.googleapis.com/test.Do",
        base=base,
        correlation_id=f"flow-{root}",
        created_at="2026-01-01T00:00:00Z",
        status=b"\x08\x09",
    )
