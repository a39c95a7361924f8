"""The command angzarr."""

from angzarr_cli._main import main

__all__ = ["main"]
