"""The part of a Kubernetes API server that lists and watches, over TLS, as recorded from one."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme

TOKEN = "token-of-the-pod"  # noqa: S105 - of this test
OLDEST = 100


def service(name: str, kind: str, **labels: str) -> dict[str, Any]:
    """Return a Service as the API server shows it."""
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "labels": {
                "app.kubernetes.io/component": kind,
                "angzarr.io/app": name,
                **{f"angzarr.io/{key}": value for key, value in labels.items()},
            },
        },
        "spec": {"ports": [{"name": "monitoring", "port": 9085}, {"name": "grpc", "port": 1310}]},
    }


def endpoints(of: str, *addresses: str, name: str = "", **conditions: bool) -> dict[str, Any]:
    """Return an EndpointSlice as the API server shows it."""
    return {
        "metadata": {
            "name": name or f"{of}-x7k2p",
            "namespace": "shop",
            "labels": {"kubernetes.io/service-name": of},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [it], "conditions": conditions} for it in addresses],
        "ports": [{"name": "grpc", "port": 1310, "protocol": "TCP"}],
    }


class ApiServer:
    """Objects by kind; `change` is told to whoever watches, `forget` makes versions too old."""

    def __init__(self, slices: str = "apis/discovery.k8s.io/v1") -> None:
        self.objects: dict[str, dict[str, Any]] = {
            "api/v1/namespaces/shop/services": {},
            f"{slices}/namespaces/shop/endpointslices": {},
        }
        self.version = OLDEST
        self.lists = 0
        self.broken = False
        self._events: list[tuple[int, str, dict[str, Any]]] = []
        self._watchers: set[asyncio.StreamWriter] = set()
        self._oldest = OLDEST
        self._news = asyncio.Condition()

    def path_of(self, kind: str) -> str:
        """Return where the objects of a kind are."""
        return next(it for it in self.objects if it.endswith(f"/{kind}"))

    async def change(self, kind: str, item: dict[str, Any], what: str = "ADDED") -> None:
        """Add, replace or delete an object."""
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        path, name = self.path_of(kind), item["metadata"]["name"]
        self.objects[path].pop(name, None)
        if what != "DELETED":
            self.objects[path][name] = item
        async with self._news:
            self._events.append((self.version, path, {"type": what, "object": item}))
            self._news.notify_all()

    def forget(self) -> None:
        """Know no change before now, and end every watch."""
        self._oldest = self.version
        self.break_off()

    def break_off(self) -> None:
        """End every watch in the middle."""
        for writer in tuple(self._watchers):
            writer.transport.abort()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the caller leaves
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._reply(head.decode(), writer)
        self._watchers.discard(writer)
        writer.close()

    async def _reply(self, head: str, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(head.split(" ")[1])
        wanted = {key: value[0] for key, value in parse_qs(target.query).items()}
        path = target.path.removeprefix("/")
        if f"authorization: bearer {TOKEN}" not in head.lower():
            await self._send(writer, 401, {"kind": "Status", "code": 401})
        elif path not in self.objects:
            await self._send(writer, 404, {"kind": "Status", "code": 404})
        elif self.broken:
            await self._send(writer, 500, {"kind": "Status", "code": 500})
        elif "watch" in wanted:
            await self._watch(path, int(wanted["resourceVersion"]), writer)
        else:
            self.lists += 1
            items = [{**it, "kind": "X"} for it in self.objects[path].values()]
            body = {"metadata": {"resourceVersion": str(self.version)}, "items": items or None}
            await self._send(writer, 200, body)

    async def _send(self, writer: asyncio.StreamWriter, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        writer.write(f"HTTP/1.1 {code} X\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data)
        await writer.drain()

    async def _watch(self, path: str, version: int, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        self._watchers.add(writer)
        if version < self._oldest:
            gone = {"kind": "Status", "code": 410, "message": "too old resource version"}
            await self._chunk(writer, {"type": "ERROR", "object": gone})
            writer.close()
            return
        bookmark = {"metadata": {"resourceVersion": str(version)}}
        await self._chunk(writer, {"type": "BOOKMARK", "object": bookmark})
        while not writer.is_closing():
            for at, of, event in [it for it in self._events if it[0] > version]:
                version = at
                if of == path:
                    await self._chunk(writer, event)
            async with self._news:
                await self._news.wait()

    async def _chunk(self, writer: asyncio.StreamWriter, event: object) -> None:
        line = json.dumps(event).encode() + b"\n"
        writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        await writer.drain()


class Account:
    """The files that Kubernetes mounts into a pod; `context` is that of the API server."""

    def __init__(self, directory: Path) -> None:
        ca = trustme.CA()
        self.directory = directory
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        ca.issue_cert("localhost").configure_cert(self.context)
        ca.cert_pem.write_to_path(str(directory / "ca.crt"))
        (directory / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
        (directory / "namespace").write_text("shop", encoding="utf-8")


@asynccontextmanager
async def serving(api: ApiServer, account: Account) -> AsyncIterator[str]:
    """Serve at a free port of this host."""
    server = await asyncio.start_server(api.answer, "127.0.0.1", 0, ssl=account.context)
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        api.break_off()
