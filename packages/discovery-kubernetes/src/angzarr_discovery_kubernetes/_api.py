"""The API server: one kind of object listed, then watched."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from angzarr_discovery_kubernetes._objects import Object
from angzarr_ports import System, Worker

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SERVER = "https://kubernetes.default.svc"
ANSWER_SECONDS = 10.0
WATCH_SECONDS = 300
SILENT_SECONDS = WATCH_SECONDS + 30
NOT_FOUND = 404


class ApiError(Exception):
    """The API server was not reached or did not do what it was asked for.

    Shape: `code` is that of HTTP, 0 without an answer.
    """

    def __init__(self, what: str, code: int = 0) -> None:
        super().__init__(what)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The objects that exist, and the version from which to watch on."""

    version: str
    items: tuple[Object, ...]


class Api:
    """Reads one namespace as the service account of this pod.

    `account` holds token, ca.crt and namespace as Kubernetes mounts them; the token is read anew
    for every request because it is replaced while the pod runs. Who holds `opening` knows that no
    connection is being made: httpcore loses one whose making is cancelled.
    """

    def __init__(self, system: System, *, server: str = SERVER, account: Path = ACCOUNT) -> None:
        self._account = account
        self._server = server
        self._worker: Worker = system.threads.worker("kubernetes")
        self.opening = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None
        self._namespace = ""

    async def open(self) -> None:
        """Read the account.

        Raises:
            ApiError: it is not mounted.
        """
        try:
            self._namespace, verified = await self._worker.call(self._read_account)
        except OSError as error:
            raise ApiError(f"{error.filename}: {error.strerror}") from error
        self._client = httpx.AsyncClient(
            base_url=self._server, verify=verified, timeout=ANSWER_SECONDS, trust_env=False
        )

    async def list(self, group: str, kind: str) -> Listing:
        """Return the objects of a kind in the namespace.

        Raises:
            ApiError: they cannot be read; code 404 where the server does not know the kind.
        """
        async with self._asked(group, kind, {}) as answer:
            found = json.loads(await answer.aread())
        version = found["metadata"]["resourceVersion"]
        return Listing(version=version, items=tuple(found.get("items") or ()))

    async def watch(self, group: str, kind: str, version: str) -> AsyncIterator[tuple[str, Object]]:
        """Yield (ADDED, MODIFIED, DELETED or BOOKMARK, object) after `version`, for a while.

        Raises:
            ApiError: the stream broke; code 410: `version` is too old, list again.
        """
        wanted = {
            "watch": "1",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        async with self._asked(group, kind, wanted) as answer:
            async for line in answer.aiter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise ApiError(status.get("message", ""), status.get("code", 0))
                yield event["type"], event["object"]

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
        await self._worker.aclose()

    @asynccontextmanager
    async def _asked(
        self, group: str, kind: str, wanted: dict[str, str]
    ) -> AsyncIterator[httpx.Response]:
        assert self._client is not None  # noqa: S101 - it is open
        path = f"/{group}/namespaces/{self._namespace}/{kind}"
        quiet = httpx.Timeout(ANSWER_SECONDS, read=SILENT_SECONDS if wanted else ANSWER_SECONDS)
        try:
            token = await self._worker.call(self._token)
            headers = {"authorization": f"Bearer {token}"}
            asked = self._client.build_request(
                "GET", path, params=wanted, headers=headers, timeout=quiet
            )
            async with self.opening:
                answer = await self._client.send(asked, stream=True)
            async with aclosing(answer):
                if answer.status_code != httpx.codes.OK:
                    raise ApiError(f"{kind}: HTTP {answer.status_code}", answer.status_code)
                yield answer
        except (OSError, httpx.HTTPError, ValueError, LookupError) as error:
            raise ApiError(f"{kind}: {type(error).__name__} {error}") from error

    def _read_account(self) -> tuple[str, ssl.SSLContext]:
        namespace = (self._account / "namespace").read_text(encoding="utf-8").strip()
        return namespace, ssl.create_default_context(cafile=self._account / "ca.crt")

    def _token(self) -> str:
        return (self._account / "token").read_text(encoding="utf-8").strip()
