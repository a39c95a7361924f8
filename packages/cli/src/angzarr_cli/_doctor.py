"""angzarr doctor and angzarr verify: a line per check; exit 10 when one has failed."""

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from angzarr_cli._session import Session
from angzarr_terminal import FOUND, Format, items

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from angzarr_doctor import Finding


@click.command()
@click.pass_obj
def doctor(session: Session) -> None:
    """Check what `up` needs, how the application is if it runs, and the stores.

    \b
    angzarr doctor
    angzarr -o json doctor
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    from angzarr_doctor import examine  # noqa: PLC0415 - start-up time
    from angzarr_ports import real_system  # noqa: PLC0415 - start-up time
    from angzarr_settings import environment  # noqa: PLC0415 - start-up time

    status, system = session.found_status(), real_system(_died)
    session.run(_tell(session, examine(session.project(), environment(), status, system)))


@click.command()
@click.option("--from", "after", default=0, metavar="POS", help="Trust the logs up to here.")
@click.pass_obj
def verify(session: Session, after: int) -> None:
    """Verify the stores: chain, numbers, commands, checkpoints. It only reads.

    \b
    angzarr verify
    angzarr verify --from 100000
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    from angzarr_doctor import verify_stores  # noqa: PLC0415 - start-up time
    from angzarr_ports import real_system  # noqa: PLC0415 - start-up time

    session.run(_tell(session, verify_stores(session.project(), real_system(_died), after=after)))


async def _tell(session: Session, findings: "AsyncIterator[Finding]") -> None:
    found = [finding async for finding in findings]
    if session.form is not Format.TABLE:
        items("findings", session.form, [dataclasses.asdict(it) for it in found])
    for it in found if session.form is Format.TABLE else ():
        then = [f"next: {it.next}"] if it.next else []
        click.echo("\n      ".join([f"{it.level:<4}  {it.text}", *it.details, *then]))
    if any(it.level == "FAIL" for it in found):
        sys.exit(FOUND)


def _died(_name: str, error: BaseException) -> None:
    raise error
