"""Commands and queries of every domain on one port: stateless, routed by domain."""

from angzarr_gateway._serve import main, serve

__all__ = ["main", "serve"]
