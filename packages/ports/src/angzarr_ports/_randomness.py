"""Chance: jitter and fresh identifiers."""

import random
import uuid
from abc import ABC, abstractmethod

from typing_extensions import override


class Randomness(ABC):
    """The only source of chance.

    Rule: reliability.md §8; a seeded implementation makes a run repeatable.
    """

    @abstractmethod
    def uniform(self, low: float, high: float) -> float:
        """Return a number in [low, high]."""

    @abstractmethod
    def uuid4(self) -> uuid.UUID:
        """Return a random version 4 UUID."""


class SystemRandomness(Randomness):
    """Chance from the operating system."""

    def __init__(self) -> None:
        self._source = random.SystemRandom()

    @override
    def uniform(self, low: float, high: float) -> float:
        return self._source.uniform(low, high)

    @override
    def uuid4(self) -> uuid.UUID:
        return uuid.uuid4()
