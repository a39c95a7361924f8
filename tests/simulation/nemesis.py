"""Strikes whole processes while the clients work."""

from collections.abc import Callable

from .system import Shop


class Nemesis:
    """Kills, freezes, doubles and cuts off components, one at a time."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._chance = shop.loop.chance

    async def strike(self) -> None:
        """Strike until cancelled."""
        while self._shop.plan.strikes:
            await self._shop.sleep(self._chance.expovariate(1 / self._shop.plan.pause_seconds))
            name = self._chance.choice(self._shop.features.names)
            fault = self._chance.choice(self._shop.plan.strikes)
            process = self._shop.processes[name]
            if not process.runs or self._shop.is_healed:
                continue
            self._shop.recorder.struck(fault, name)
            getattr(self, f"_{fault}")(name)

    def _kill(self, name: str) -> None:
        self._shop.processes[name].kill()

    def _freeze(self, name: str) -> None:
        process = self._shop.processes[name]
        process.freeze()
        self._later(lambda: self._shop.loop.thaw(process))

    def _takeover(self, name: str) -> None:
        """Freeze a component, start another in its place, and let the first go on."""
        process = self._shop.processes[name]
        process.freeze()
        self._shop.network.vacate(process)
        self._shop.start(name)
        self._later(lambda: self._shop.loop.thaw(process))

    def _part(self, name: str) -> None:
        self._shop.network.parted.add(name)
        self._later(lambda: self._shop.network.parted.discard(name))

    def _jump(self, name: str) -> None:
        years = self._chance.choice((-10, 10))
        self._shop.processes[name].skew_seconds = years * 365 * 86400.0

    def _later(self, work: Callable[[], None]) -> None:
        seconds = self._chance.choice((0.1, 0.5, 2.0))
        self._shop.loop.call_later(seconds, work)
