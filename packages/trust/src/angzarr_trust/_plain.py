"""No certificates: peers on this machine only, or everybody."""

from typing import Any

from typing_extensions import override

from angzarr_defence import is_local
from angzarr_ports import Trust
from angzarr_store import RefusedError

FIX = "set tls.certificate, tls.key and tls.authority"


class Plaintext(Trust):
    """Bytes go in the clear: within this machine, or everywhere if that `is_insecure`."""

    def __init__(self, *, is_insecure: bool = False) -> None:
        self._is_insecure = is_insecure

    @override
    def server_credentials(self, address: str) -> None:
        self._check("listen", address, f"{FIX}, or use 127.0.0.1 or [::1]")

    @override
    def channel_credentials(self, address: str) -> None:
        self._check("address", address, FIX)

    @override
    def identity(self, context: Any) -> str:
        return ""

    def _check(self, setting: str, address: str, fix: str) -> None:
        if not self._is_insecure and not is_local(address):
            raise RefusedError(setting, f"{address}, beyond this machine without TLS", fix)
