"""What a seed decides before anything runs: sizes, speeds, and which faults there are."""

import random  # noqa: TID251 - the seed decides
from dataclasses import dataclass

from angzarr_settings import DeliverySettings, LimitSettings, Settings, ShutdownSettings
from angzarr_simulation import Chances

from .features import Features

EVERY, ON_SQLITE = 75, 50
ALONE = ("kill", "freeze", "part", "jump")
STRIKES = ("takeover", *ALONE)  # of a file in use there is none: its lock keeps out the next owner
SMALL = ("lose", "mute", "reset", "drop", "repeat", "delay", "shrink", "fill")
LOGIC = ("slow", "wrong", "silent", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The bounds of one run; small, so that edges are common."""

    seed: int
    clients: int
    roots: int
    commands: int
    limit_group: int
    limit_pages: int
    limit_frames: int
    poison: float
    strikes: tuple[str, ...]
    pause_seconds: float
    chances: Chances
    logic: tuple[str, ...]
    point_share: float
    is_declared: bool
    is_on_disk: bool
    features: Features
    settings: Settings

    @staticmethod
    def of(seed: int) -> "Plan":
        """Return the plan of a seed; every eighth is without faults, every 75th on SQLite."""
        chance = random.Random(seed ^ 0x5EED)  # noqa: S311 - a run must be repeatable
        faulty, is_on_disk = seed % 8 != 7, seed % EVERY == ON_SQLITE
        clients, features = chance.randint(2, 6), Features.of(chance)
        return Plan(
            seed=seed,
            clients=clients,
            roots=chance.randint(1, 4),
            commands=-(-features.commands // clients),
            limit_group=chance.randint(1, 3),
            limit_pages=chance.randint(1, 8),
            limit_frames=chance.randint(1, 4),
            poison=chance.choice((0.05, 0.15) if features.has_operator else (0.0, 0.03, 0.1)),
            strikes=_some(chance, ALONE if is_on_disk else STRIKES) if faulty else (),
            pause_seconds=chance.choice((0.12, 0.25, 0.6)),
            chances=_chances(chance) if faulty else Chances(),
            logic=_some(chance, LOGIC) if faulty else (),
            point_share=chance.choice((0.0, 0.002, 0.01)) if faulty else 0.0,
            is_declared=chance.random() < 0.7,
            is_on_disk=is_on_disk,
            features=features,
            settings=_settings(chance),
        )


def _some(chance: random.Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if chance.random() < 0.5)


def _chances(chance: random.Random) -> Chances:
    chances = Chances()
    for name in _some(chance, SMALL):
        setattr(chances, name, chance.choice((0.01, 0.05, 0.3 if name in SMALL[3:7] else 0.1)))
    return chances


def _settings(chance: random.Random) -> Settings:
    return Settings(
        max_deadline=20.0,
        usual_deadline=chance.choice((0.5, 2.0)),
        logic_deadline=chance.choice((0.2, 1.0)),
        delivery=DeliverySettings(
            attempts=chance.randint(1, 3),
            poll_seconds=chance.choice((0.5, 2.0, 5.0)),
            window=chance.randint(1, 4),
        ),
        limits=LimitSettings(lane_commands=chance.randint(1, 4), cached_roots=chance.randint(1, 4)),
        shutdown=ShutdownSettings(drain_seconds=1.0, linger_seconds=1.0),
    )
