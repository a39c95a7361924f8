"""Plain Python services pass the contract."""

from angzarr_logic_conformance import (
    AggregateContract,
    ClientContract,
    ProcessManagerContract,
    ProjectorContract,
    SagaContract,
)


class TestAggregates(AggregateContract):
    """Bare grpcio."""


class TestClients(ClientContract):
    """Bare grpcio."""


class TestSagas(SagaContract):
    """Bare grpcio."""


class TestProjectors(ProjectorContract):
    """Bare grpcio."""


class TestProcessManagers(ProcessManagerContract):
    """Bare grpcio."""
