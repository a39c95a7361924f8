"""A coordinator whose log is not the exported one."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from angzarr_telemetry import HeadsFile


def export(directory: Path, key: Path) -> None:
    """Export a head at position 2."""
    key.write_bytes(b"0123456789abcdef")
    key.chmod(0o600)
    HeadsFile(directory, "order", key).append(2, bytes(32), 0)


@pytest.mark.timeout(90)
async def test_a_coordinator_without_what_was_exported_ends_with_78(
    tmp_path: Path, run_directory: Path
) -> None:
    """It says which setting, which position and what to do."""
    key = tmp_path / "key"
    await asyncio.to_thread(export, tmp_path, key)
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("angzarr-coordinator-aggregate"),
        f"--listen=unix:{run_directory}/order.sock",
        "--component.name=order",
        "--component.domain=order",
        f"--component.logic=unix:{run_directory}/logic.sock",
        f"--store.url={run_directory}/store",
        "--store.durability=volatile",
        f"--store.export={tmp_path}",
        f"--store.export_key={key}",
        f"--bus.url={run_directory}",
        env={"PATH": os.defpath},
        stdout=subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert process.returncode == 78
    assert b"store.export is at position 2" in out
    assert b"restore the log, or move the export away" in out
