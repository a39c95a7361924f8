"""angzarr ps: the processes of a running application."""

import dataclasses

import click

from angzarr_cli._exit import errors_as_exit_codes
from angzarr_cli._output import Format, items, table
from angzarr_cli._session import Session


@click.command()
@click.pass_obj
def ps(session: Session) -> None:
    """Show the processes of the running application.

    \b
    angzarr ps
    angzarr -o json ps
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    with errors_as_exit_codes(session.form, debug=session.debug):
        processes = session.status().processes
        if session.form is not Format.TABLE:
            items("ps", session.form, [dataclasses.asdict(it) for it in processes])
            return
        rows = [(it.name, it.role, it.state, it.restarts, it.pid) for it in processes]
        table(("NAME", "ROLE", "STATE", "RESTARTS", "PID"), rows)
