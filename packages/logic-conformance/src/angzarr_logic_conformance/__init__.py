"""How logic in any language may behave, and that it is served nevertheless."""

from angzarr_logic_conformance._aggregate import AggregateContract, ClientContract
from angzarr_logic_conformance._behaviours import BEHAVIOURS, Logic
from angzarr_logic_conformance._reference import message_class, methods_of, reference_pool
from angzarr_logic_conformance._subscribers import (
    ProcessManagerContract,
    ProjectorContract,
    SagaContract,
)

__all__ = [
    "BEHAVIOURS",
    "AggregateContract",
    "ClientContract",
    "Logic",
    "ProcessManagerContract",
    "ProjectorContract",
    "SagaContract",
    "message_class",
    "methods_of",
    "reference_pool",
]
