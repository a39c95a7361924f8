"""Both ends show a certificate."""

import logging
from collections.abc import Callable
from typing import Any

import grpc
from typing_extensions import override

from angzarr_defence import is_local, is_unix
from angzarr_ports import Metric, MetricKind, System, Trust
from angzarr_store import RefusedError
from angzarr_trust._identity import Identity
from angzarr_trust._material import Files, Material

WATCH_SECONDS = 5.0
DAY_SECONDS = 86_400
ALARM_DAYS = 14
EXPIRES_EVENT = "certificate.expires"
RENEWED_EVENT = "certificate.renewed"
REFUSED_EVENT = "certificate.refused"
EXPIRY = Metric(
    name="angzarr_certificate_expiry_seconds",
    help="Until the certificate of this process expires.",
    kind=MetricKind.GAUGE,
)

_LOG = logging.getLogger("angzarr.certificates")


class MutualTls(Trust):
    """TLS beyond this machine, with `on_loopback` on its TCP ports as well.

    A server asks for a certificate of its authority and of its namespace; a channel for one that
    names the host of the address. Rule: security.md C4, ADR 18.
    """

    def __init__(self, files: Files, material: Material, *, on_loopback: bool = False) -> None:
        self._files = files
        self._on_loopback = on_loopback
        self._material = material
        self._shown = _channel_credentials(material)
        self._refusal = ""
        self._warned: float = ALARM_DAYS

    @override
    def server_credentials(self, address: str) -> grpc.ServerCredentials | None:
        if not self._covers(address):
            return None
        first = self._material
        return grpc.dynamic_ssl_server_credentials(
            _configuration(first),
            self._fetcher(first),  # type: ignore[arg-type]  # None is allowed: as before
            require_client_authentication=True,
        )

    @override
    def channel_credentials(self, address: str) -> grpc.ChannelCredentials | None:
        return self._shown if self._covers(address) else None

    @override
    def identity(self, context: Any) -> str | None:
        shown = context.auth_context()
        if shown.get("transport_security_type") != [b"ssl"]:
            return ""
        found = Identity.of(it.decode(errors="replace") for it in shown.get("peer_uri", ()))
        ours = found is not None and found.namespace == self._material.identity.namespace
        return found.component if found is not None and ours else None

    async def watch(self, system: System) -> None:
        """Take the files anew when they change, and say when the certificate expires; for ever."""
        worker = system.threads.worker("certificates")
        try:
            while True:
                left = self._material.expires - system.clock.now().timestamp()
                system.metrics.set(EXPIRY, left)
                self._warn(left // DAY_SECONDS)
                await system.clock.sleep(WATCH_SECONDS)
                await worker.call(self._renew)
        finally:
            await worker.aclose()

    def _covers(self, address: str) -> bool:
        return not is_unix(address) and (self._on_loopback or not is_local(address))

    def _fetcher(self, given: Material) -> Callable[[], grpc.ServerCertificateConfiguration | None]:
        """Return what gRPC asks at each handshake, on threads of its own; None: as before."""

        def fetch() -> grpc.ServerCertificateConfiguration | None:
            nonlocal given
            if self._material is given:
                return None
            given = self._material
            return _configuration(given)

        return fetch

    def _renew(self) -> None:
        """Read files that have changed; what cannot be used leaves everything as it was."""
        try:
            if self._files.stamp() == self._material.stamp:
                return
            fresh = self._files.read()
        except RefusedError as error:
            if str(error) != self._refusal:
                _LOG.error(REFUSED_EVENT, extra={"reason": str(error)})
            self._refusal = str(error)
            return
        self._shown, self._material, self._refusal = _channel_credentials(fresh), fresh, ""
        self._warned = ALARM_DAYS
        _LOG.info(RENEWED_EVENT)

    def _warn(self, days: float) -> None:
        """Say once a day that the certificate expires soon."""
        if days < self._warned:
            self._warned = days
            _LOG.warning(EXPIRES_EVENT, extra={"days": int(days)})


def _configuration(material: Material) -> grpc.ServerCertificateConfiguration:
    pairs = [(material.key, material.certificate)]
    return grpc.ssl_server_certificate_configuration(pairs, material.authority)


def _channel_credentials(material: Material) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(material.authority, material.key, material.certificate)
