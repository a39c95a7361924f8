"""Where to start a project whose port is taken."""

import pytest

from angzarr_cli._up import _elsewhere
from angzarr_settings import GatewaySettings, MonitoringSettings, ProjectSettings


@pytest.mark.parametrize(
    ("port", "command"),
    [
        (9084, "angzarr up --gateway 127.0.0.1:9184"),
        (1340, "ANGZARR_STREAM__LISTEN=127.0.0.1:1440 angzarr up"),
        (9085, "ANGZARR_MONITORING__LISTEN=127.0.0.1:9185 angzarr up"),
    ],
)
def test_the_next_step_names_another_port(port: int, command: str) -> None:
    """Of the gateway by its option, of every other by its variable."""
    project = ProjectSettings(
        gateway=GatewaySettings(listen="127.0.0.1:9084"),
        monitoring=MonitoringSettings(listen="127.0.0.1:9085"),
    )

    assert _elsewhere(project, port) == command
