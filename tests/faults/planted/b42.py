"""B42: children outlive their supervisor."""

from typing import Any

from angzarr_standalone import _guarding


def plant() -> None:
    """Start no guard."""

    async def nothing(_self: _guarding.Guard) -> None:
        return

    guard: Any = _guarding.Guard
    guard.start = guard.aclose = nothing
