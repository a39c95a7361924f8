"""How often which small fault happens; what happened is counted by whoever watches."""

import random
from collections.abc import Callable
from dataclasses import dataclass

Noted = Callable[[str, str], None]


@dataclass(slots=True, kw_only=True)
class Chances:
    """Shares from 0 to 1 of calls, frames and writes that meet each fault.

    `lose` a request, `mute` its reply, `reset` its connection after the effect; `drop`, `repeat`,
    `delay` or `shrink` a frame to a reference; `fill` the disk at a write.
    """

    lose: float = 0.0
    mute: float = 0.0
    reset: float = 0.0
    drop: float = 0.0
    repeat: float = 0.0
    delay: float = 0.0
    shrink: float = 0.0
    fill: float = 0.0

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        for name in self.__slots__:
            setattr(self, name, 0.0)


class Dice:
    """Rolls for each fault; `noted(fault, process)` hears of every one that happens."""

    def __init__(self, chance: random.Random, chances: Chances, noted: Noted) -> None:
        self.chance = chance
        self.chances = chances
        self._noted = noted

    def strikes(self, fault: str, process: str) -> bool:
        """Say whether the fault happens now, to something of `process`."""
        share: float = getattr(self.chances, fault)
        if not share or self.chance.random() >= share:
            return False
        self._noted(fault, process)
        return True
