"""B42: children outlive their supervisor."""

from angzarr_standalone import _guarding


def plant() -> None:
    """Start no guard."""

    async def nothing(_self: _guarding.Guard) -> None:
        return

    _guarding.Guard.start = nothing  # type: ignore[method-assign]  # the bug
    _guarding.Guard.aclose = nothing  # type: ignore[method-assign]  # the bug
