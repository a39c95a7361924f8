"""Flags, environment and YAML become frozen settings."""

from angzarr_settings._errors import SettingsError
from angzarr_settings._load import load
from angzarr_settings._settings import (
    AGGREGATE_PORT,
    GATEWAY_PORT,
    BusSettings,
    ComponentSettings,
    DeadlineSettings,
    DiscoverySettings,
    EndpointSettings,
    LimitSettings,
    Settings,
    StoreSettings,
)

__all__ = [
    "AGGREGATE_PORT",
    "GATEWAY_PORT",
    "BusSettings",
    "ComponentSettings",
    "DeadlineSettings",
    "DiscoverySettings",
    "EndpointSettings",
    "LimitSettings",
    "Settings",
    "SettingsError",
    "StoreSettings",
    "load",
]
