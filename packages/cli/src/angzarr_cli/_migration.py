"""The tables of all components, one after the other."""

import asyncio

import click

from angzarr import FAILURE_DOMAIN
from angzarr_plugins import PluginError, plugin
from angzarr_settings import ProjectSettings
from angzarr_store import RefusedError, Store, StoreConfig, StoreUnavailableError
from angzarr_terminal import UNAVAILABLE, USAGE, CliError


async def migrate_stores(project: ProjectSettings, url: str) -> None:
    """Bring the tables of every component up to this version, at `url` or where the project says.

    Raises:
        CliError: the rest was not touched.
    """
    try:
        kind = await asyncio.to_thread(_implementation, project.store.kind)
        for name in (*project.components, FAILURE_DOMAIN):
            await kind.migrate(StoreConfig(url=url or project.store.url, component=name))
            click.echo(f"ok    tables of {name}")
    except PluginError as error:
        raise CliError(USAGE, error.what, then=error.fix.removeprefix("next: ")) from error
    except RefusedError as error:
        raise CliError(USAGE, str(error)) from error
    except StoreUnavailableError as error:
        raise CliError(UNAVAILABLE, error.why) from error


def _implementation(kind: str) -> type[Store]:
    return plugin("angzarr.store", kind, Store)  # type: ignore[type-abstract]  # the contract is asked for
