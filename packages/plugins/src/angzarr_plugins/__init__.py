"""Finds the one implementation that a configured name means."""

from angzarr_plugins._plugins import PluginError, plugin

__all__ = ["PluginError", "plugin"]
