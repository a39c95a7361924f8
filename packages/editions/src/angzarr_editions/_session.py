"""What the commands need of the tool that they are part of."""

from collections.abc import Coroutine
from typing import Any, Protocol, TypeVar

from angzarr_terminal import Format

ResultT = TypeVar("ResultT")


class Session(Protocol):
    """The global options of `angzarr`."""

    @property
    def form(self) -> Format:
        """Return how data is written."""

    @property
    def address(self) -> str:
        """Return where the gateway listens."""

    @property
    def timeout_seconds(self) -> float:
        """Return how long an answer may take."""

    def run(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        """Run an asynchronous command; errors become exit codes."""

    async def call(self, method: Any, request: Any, domain: str = "") -> Any:  # noqa: ANN401 - any method's messages
        """Return the gateway's answer."""
