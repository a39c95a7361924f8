"""angzarr ps: the components and processes of a running application."""

import dataclasses

import click

from angzarr_cli._session import Session
from angzarr_terminal import UNAVAILABLE, CliError, Format, items, table


@click.command()
@click.pass_obj
def ps(session: Session) -> None:
    """Show the running application: states, rates, what waits and what is parked.

    \b
    angzarr ps
    angzarr -o json ps
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    session.run(_ps(session))


async def _ps(session: Session) -> None:
    from angzarr_doctor import overview  # noqa: PLC0415 - start-up time
    from angzarr_ports import SystemClock  # noqa: PLC0415 - start-up time

    try:
        found = await overview(session.status(), SystemClock())
    except OSError as error:
        raise CliError(UNAVAILABLE, f"monitoring does not answer: {error}.") from error
    if session.form is not Format.TABLE:
        items("ps", session.form, [dataclasses.asdict(it) for it in found])
        return
    rows = []
    for it in found:
        rate = "-" if it.rate is None else f"{it.rate:.0f}/s"
        waits = ("-" if count is None else count for count in (it.lag, it.parked))
        kind = it.kind.removesuffix("_manager")
        rows.append((it.name, kind, it.state, rate, *waits, it.restarts))
    table(("NAME", "KIND", "STATE", "RATE", "LAG", "PARKED", "RESTARTS"), rows)
    for troubled in [it for it in found if it.state != "running"][:1]:
        click.echo(f"next: angzarr logs {troubled.name}", err=True)
