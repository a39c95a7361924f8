"""The databases of an application: every log, and every checkpoint against its log."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack

from angzarr_doctor._finding import Finding
from angzarr_doctor._logs import LogCheck
from angzarr_plugins import PluginError, plugin
from angzarr_ports import System
from angzarr_settings import ProjectSettings
from angzarr_store import (
    EMPTY_CHAIN,
    Audit,
    Checkpoint,
    RefusedError,
    Store,
    StoreConfig,
    StoreUnavailableError,
)


async def verify_stores(
    project: ProjectSettings, system: System, *, after: int
) -> AsyncIterator[Finding]:
    """Yield what is wrong with the stores of an application, else what was verified.

    Nothing is changed; the application may run. Logs are read behind the position `after`.
    """
    try:
        kind = await asyncio.to_thread(_implementation, project.store.kind)
    except PluginError as error:
        yield Finding.failure(error.what, then=error.fix)
        return
    async with AsyncExitStack() as stack:
        audits: dict[str, Audit] = {}
        for name in project.components:
            config = StoreConfig(url=project.store.url, component=name)
            try:
                audit = await kind.audit(config, system)
            except RefusedError as error:
                yield Finding.warning(f"store of {name} is not verified: {error}")
                continue
            except StoreUnavailableError as error:
                yield Finding.failure(f"store of {name}: {error.why}")
                continue
            if audit is not None:
                stack.push_async_callback(audit.aclose)
                audits[name] = audit
        async for finding in _verified(audits, after):
            yield finding


def _implementation(kind: str) -> type[Store]:
    return plugin("angzarr.store", kind, Store)  # type: ignore[type-abstract]  # the contract is asked for


async def _verified(audits: Mapping[str, Audit], after: int) -> AsyncIterator[Finding]:
    """Read checkpoints before heads, so that a checkpoint beyond a head is one."""
    checkpoints = {name: await audit.read_checkpoints() for name, audit in audits.items()}
    owners: dict[str, Audit] = {}
    for audit in audits.values():
        for domain in await audit.read_domains():
            owners[domain] = audit
            async for finding in LogCheck(audit=audit, domain=domain, after=after).findings():
                yield finding
    for name, found in checkpoints.items():
        async for finding in _checked(name, found, owners):
            yield finding


async def _checked(
    name: str, checkpoints: Sequence[Checkpoint], owners: Mapping[str, Audit]
) -> AsyncIterator[Finding]:
    for it in (it for it in checkpoints if not it.domain.startswith("_")):  # such have no log
        where = f"checkpoint of {name} at position {it.position} of {it.domain}"
        audit = owners.get(it.domain)
        if audit is None:
            yield Finding.warning(f"{where} is not verified: nobody here owns the log")
        elif fault := await _checkpoint_fault(it, audit):
            yield Finding.failure(f"{where}: {fault}", then="angzarr store recover")
        else:
            yield Finding.ok(f"{where} agrees with the log")


async def _checkpoint_fault(it: Checkpoint, audit: Audit) -> str:
    head = await audit.read_head(it.domain)
    if it.position > head.position:
        return f"the log ends at {head.position}"
    chain = EMPTY_CHAIN
    if it.position:
        found = await audit.read_events(it.domain, after=it.position - 1, limit=1)
        chain = found[0].chain if found else b""
    return "" if chain == it.chain else "the log is another one"
