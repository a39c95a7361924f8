"""Given, when, then for business logic."""

from angzarr_testing._aggregate import AggregateCase
from angzarr_testing._given import given
from angzarr_testing._projector import ProjectorCase
from angzarr_testing._saga import SagaCase

__all__ = ["AggregateCase", "ProjectorCase", "SagaCase", "given"]
