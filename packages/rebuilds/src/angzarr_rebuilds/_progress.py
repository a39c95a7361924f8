"""How far a rebuild has come, as people and programs read it (experience.md §5, long work)."""

import sys
from typing import TYPE_CHECKING

import click

from angzarr_ports import Clock
from angzarr_terminal import Format, items

if TYPE_CHECKING:
    from angzarr.rebuild_pb2 import RebuildStatus

STATES = ("none", "rebuilding", "catching_up", "switching")
LINE_SECONDS, WIDTH = 10.0, 79


class Progress:
    """A line that is drawn again; without a terminal a line now and then, or objects."""

    def __init__(self, form: Format, clock: Clock) -> None:
        self._form = form
        self._clock = clock
        self._is_drawn = form is Format.TABLE and sys.stdout.isatty()
        self._shown_at = clock.monotonic()

    def show(self, status: "RebuildStatus") -> None:
        """Write how far it has come, if it is time."""
        now = self._clock.monotonic()
        if self._form is Format.JSONL:
            self.plain("projector_rebuild", status)
        elif self._is_drawn:
            click.echo(f"\r{self._line(status):<{WIDTH}}", nl=False)
        elif self._form is Format.TABLE and now - self._shown_at >= LINE_SECONDS:
            self._shown_at = now
            click.echo(self._line(status))

    def leave(self) -> None:
        """Go on below the line that was drawn."""
        if self._is_drawn:
            click.echo()

    def plain(self, schema: str, status: "RebuildStatus") -> None:
        """Write it as an object."""
        plain = {
            "component": status.component,
            "state": STATES[status.state],
            "done": str(status.done),
            "total": str(status.total),
            "rate": round(status.rate, 1),
            "eta_seconds": round(status.eta_seconds, 1),
            "parked": status.parked,
            "fault": status.fault,
        }
        items(schema, self._form, [plain])

    @staticmethod
    def _line(status: "RebuildStatus") -> str:
        share = 100 * status.done // (status.total or 1)
        counts = f" {status.done:,} / {status.total:,} events   {share} %   {status.rate:,.0f}/s"
        return f"{counts}   eta {status.eta_seconds:.0f} s   {status.parked} parked"
