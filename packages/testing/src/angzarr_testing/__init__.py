"""Given, when, then for business logic, and a whole system in one event loop."""

from angzarr_testing._aggregate import AggregateCase
from angzarr_testing._given import given
from angzarr_testing._process import ProcessCase
from angzarr_testing._projector import ProjectorCase
from angzarr_testing._runtime import RuntimeBuilder
from angzarr_testing._saga import SagaCase
from angzarr_testing._world import World

__all__ = [
    "AggregateCase",
    "ProcessCase",
    "ProjectorCase",
    "RuntimeBuilder",
    "SagaCase",
    "World",
    "given",
]
