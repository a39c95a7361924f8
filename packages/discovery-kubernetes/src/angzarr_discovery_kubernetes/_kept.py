"""The objects of one kind, kept as the API server has them."""

from collections.abc import Callable

from angzarr_discovery_kubernetes._api import Api, ApiError
from angzarr_discovery_kubernetes._objects import Object, name_of
from angzarr_ports import System

SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 30.0


class Kept:
    """Lists, then watches; a lost watch goes on where it was, one that is too old lists again.

    `changed` hears of every change after it was taken over.
    """

    def __init__(self, api: Api, kind: str, system: System, changed: Callable[[], None]) -> None:
        self.kind = kind
        self.objects: dict[str, Object] = {}
        self._api = api
        self._system = system
        self._changed = changed
        self._group = ""
        self._version = ""

    async def list(self, group: str) -> None:
        """Take over what exists.

        Raises:
            ApiError: it cannot be read.
        """
        found = await self._api.list(group, self.kind)
        self._group, self._version = group, found.version
        self.objects = {name_of(it): it for it in found.items}
        self._changed()

    async def run(self) -> None:
        """Follow the changes until cancelled; what was known stays while nothing is heard."""
        pause = SHORTEST_SECONDS
        while True:
            try:
                if not self._version:
                    await self.list(self._group)
                await self._follow()
                pause = SHORTEST_SECONDS
            except ApiError:
                self._version = ""
                pause = min(2 * pause, LONGEST_SECONDS)
            await self._system.clock.sleep(self._system.randomness.uniform(pause / 2, pause))

    async def _follow(self) -> None:
        async for kind, item in self._api.watch(self._group, self.kind, self._version):
            self._version = item["metadata"]["resourceVersion"]
            if kind == "BOOKMARK":
                continue
            if kind == "DELETED":
                self.objects.pop(name_of(item), None)
            else:
                self.objects[name_of(item)] = item
            self._changed()
