"""The graph of components over HTTP: what reads and commands what, and how much."""

from angzarr_topology._serve import main, serve

__all__ = ["main", "serve"]
