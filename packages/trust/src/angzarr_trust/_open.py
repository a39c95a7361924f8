"""The trust that the settings of a process mean."""

import logging

from angzarr_ports import System, Trust
from angzarr_settings import TlsSettings
from angzarr_store import RefusedError
from angzarr_trust._material import Files
from angzarr_trust._mutual import MutualTls
from angzarr_trust._plain import Plaintext

INSECURE_EVENT = "tls.insecure"

_LOG = logging.getLogger("angzarr.certificates")


async def open_trust(settings: TlsSettings, system: System) -> Trust:
    """Return who this process is to peers; its files are watched as long as `system` has tasks.

    Raises:
        RefusedError: a file is missing, cannot be used, or contradicts `tls.insecure`.
    """
    named = {key: getattr(settings, key) for key in ("certificate", "key", "authority")}
    given = [key for key, path in named.items() if path]
    if settings.insecure and given:
        raise RefusedError("tls.insecure", f"true beside tls.{given[0]}", "set one of them")
    if not given:
        if settings.insecure:
            _LOG.warning(INSECURE_EVENT)
        return Plaintext(is_insecure=settings.insecure)
    for key in named.keys() - given:
        raise RefusedError(f"tls.{key}", "empty", f"set it as well as tls.{given[0]}")
    return await _watched(settings, system)


async def _watched(settings: TlsSettings, system: System) -> MutualTls:
    files, reader = Files(settings), system.threads.worker("certificates")
    try:
        material = await reader.call(files.read)
    finally:
        await reader.aclose()
    trust = MutualTls(files, material, on_loopback=settings.loopback)
    system.tasks.start("certificates", trust.watch(system))
    return trust
