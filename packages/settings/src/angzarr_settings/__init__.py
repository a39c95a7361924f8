"""Flags, environment and YAML become frozen settings."""

from angzarr_settings._environment import as_environment
from angzarr_settings._errors import SettingsError
from angzarr_settings._load import load
from angzarr_settings._logic import (
    LogicSettings,
    environment,
    load_logic,
    logic_environment,
    variable,
)
from angzarr_settings._project import (
    GatewaySettings,
    HealthSettings,
    MemberSettings,
    ProcessSettings,
    ProjectSettings,
    load_project,
)
from angzarr_settings._settings import (
    AGGREGATE_PORT,
    GATEWAY_PORT,
    PROJECTOR_PORT,
    SAGA_PORT,
    BehaviourSettings,
    BusSettings,
    ComponentSettings,
    DeliverySettings,
    DiscoverySettings,
    EndpointSettings,
    InterestSettings,
    LimitSettings,
    LogSettings,
    Settings,
    SharedSettings,
    ShutdownSettings,
    StoreSettings,
)

__all__ = [
    "AGGREGATE_PORT",
    "GATEWAY_PORT",
    "PROJECTOR_PORT",
    "SAGA_PORT",
    "BehaviourSettings",
    "BusSettings",
    "ComponentSettings",
    "DeliverySettings",
    "DiscoverySettings",
    "EndpointSettings",
    "GatewaySettings",
    "HealthSettings",
    "InterestSettings",
    "LimitSettings",
    "LogSettings",
    "LogicSettings",
    "MemberSettings",
    "ProcessSettings",
    "ProjectSettings",
    "Settings",
    "SettingsError",
    "SharedSettings",
    "ShutdownSettings",
    "StoreSettings",
    "as_environment",
    "environment",
    "load",
    "load_logic",
    "load_project",
    "logic_environment",
    "variable",
]
