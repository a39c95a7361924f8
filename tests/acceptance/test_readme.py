"""What the README shows is what happens."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .gateway import Gateway

README = Path(__file__).resolve().parents[2] / "README.md"
PROGRAM = "scripts/uv run angzarr "
MASKS = (
    (r"\d\d:\d\d:\d\d\.\d{3}", "TIME"),
    (r"\d+ ms", "T ms"),
)

pytestmark = pytest.mark.timeout(300)


def steps() -> Iterator[tuple[str, str]]:
    """Yield each command of the transcript with what it shows."""
    text = README.read_text(encoding="utf-8")
    (transcript,) = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    for step in transcript.split("$ ")[1:]:
        command, _, shown = step.partition("\n")
        yield command, shown


def masked(text: str) -> list[str]:
    """Return the words of each line, without times."""
    for pattern, mask in MASKS:
        text = re.sub(pattern, mask, text)
    return [" ".join(line.split()) for line in text.splitlines() if line]


def test_the_transcript_is_true(own_shop: Any) -> None:
    """Every command of the README shows the lines that stand below it."""
    found = list(steps())
    for command, shown in found:
        assert command.startswith(PROGRAM)
        arguments = shlex.split(command.removeprefix(PROGRAM))
        if arguments[0] == "stream":
            own_shop.run(partial(Gateway.until_events, count=len(masked(shown))))
        done = subprocess.run(  # noqa: S603 - our own program
            [own_shop.program, f"--config={own_shop.config}", *arguments],
            env=own_shop.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )

        said, wanted = masked(done.stdout.decode()), masked(shown)
        if arguments[0] == "stream":  # what different components do at once has no order
            said, wanted = sorted(said), sorted(wanted)
        assert said == wanted, command
    assert len(found) == 7
