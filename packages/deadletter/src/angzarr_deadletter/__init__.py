"""Parked events and commands of one component: list, show, replay, discard."""

from angzarr_deadletter._component import Component
from angzarr_deadletter._letters import DeadLetters, Deadline, Resume

__all__ = ["Component", "DeadLetters", "Deadline", "Resume"]
