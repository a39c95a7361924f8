"""Files of applications; nothing of them runs."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from angzarr_settings import ProjectSettings, load_project


@pytest.fixture(autouse=True)
async def grpc_stays() -> None:
    """Keep gRPC's poller thread: joining it when the last server goes blocks the loop."""
    grpc.aio.init_grpc_aio()


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ang") as directory:
        yield Path(directory)


@pytest.fixture
def project(place: Path) -> Callable[..., ProjectSettings]:
    """Return what makes a project of aggregates and more components."""

    def make(*names: str, more: str = "") -> ProjectSettings:
        lines = [f"  {name}: {{kind: aggregate, run: [x]}}" for name in names]
        text = "\n".join(["project: test", "components:", *lines, more])
        (place / "angzarr.yaml").write_text(text, encoding="utf-8")
        return load_project([f"--config={place / 'angzarr.yaml'}"], {})

    return make
