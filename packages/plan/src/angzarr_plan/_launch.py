"""What is started, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from angzarr_plan._health import Health


class Stage(IntEnum):
    """Processes of a stage start together, after those of the stages before."""

    SERVICE = 0
    LOGIC = 1
    AGGREGATE = 2
    SUBSCRIBER = 3
    GATEWAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One process to be: `after` names processes of the same stage that must be healthy first.

    `monitoring` is where one of ours serves its health and metrics, else empty.
    """

    name: str
    role: str
    component: str
    stage: Stage
    argv: tuple[str, ...]
    directory: str
    environment: Mapping[str, str]
    health: Health
    timeout_seconds: float = 30.0
    monitoring: str = ""
    after: tuple[str, ...] = ()
