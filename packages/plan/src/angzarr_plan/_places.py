"""Where the processes of a project find each other: sockets in its run directory."""

from dataclasses import dataclass
from pathlib import Path

from angzarr_settings import ProjectSettings, SettingsError

LONGEST_SOCKET = 107
GATEWAY, STREAM, TOPOLOGY = "gateway", "stream", "topology"


@dataclass(frozen=True, slots=True)
class Places:
    """The sockets in a run directory."""

    path: Path

    def socket(self, name: str) -> str:
        """Return the address of a socket in the directory.

        Raises:
            SettingsError: its path is too long for a socket.
        """
        path = str(self.path / f"{name}.sock")
        if len(path.encode()) > LONGEST_SOCKET:
            what = (
                f"socket path {path} is {len(path.encode())} bytes, the limit is {LONGEST_SOCKET}"
            )
            raise SettingsError(what, "run_dir", "Set ANGZARR_RUN_DIR to a shorter directory.")
        return f"unix:{path}"


def longest_socket(project: ProjectSettings, directory: Path) -> Path:
    """Return the longest path of a socket that a project needs in a run directory."""
    suffix = f".{project.replicas}" if project.replicas > 1 else ""
    names = [f"coordinator-{name}{suffix}" for name in project.components]
    return directory / f"{max([GATEWAY, *names], key=len)}.sock"
