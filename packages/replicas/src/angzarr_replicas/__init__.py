"""Calls to a component at whichever of its replicas answers."""

from angzarr_replicas._replicas import Replicas

__all__ = ["Replicas"]
