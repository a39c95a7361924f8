"""angzarr store: what an operator does to the databases of an application."""

import click

from angzarr_cli._session import Session


@click.group()
def store() -> None:
    """Prepare the databases of the components."""


@store.command()
@click.option("--url", default="", help="As a login that may change tables; none is store.url.")
@click.pass_obj
def migrate(session: Session, url: str) -> None:
    """Bring the tables of every component up to this version; twice is once.

    \b
    angzarr store migrate --url 'postgresql://postgres@db/shop?password_file=/run/admin'
    """  # noqa: D301 - backslash-b keeps the lines of the example for click
    from angzarr_cli._migration import migrate_stores  # noqa: PLC0415 - start-up time

    session.run(migrate_stores(session.project(), url))
