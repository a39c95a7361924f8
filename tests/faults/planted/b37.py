"""B37: a replay takes the newest letter first."""

from typing import Any

from angzarr_delivery import _replays


def plant() -> None:
    """Turn the letters of a root around."""
    replays: Any = _replays.Replays
    honest = replays._held

    async def held(self: Any, key: Any, limit: int) -> Any:
        return (await honest(self, key, 1000))[::-1][:limit]

    replays._held = held
