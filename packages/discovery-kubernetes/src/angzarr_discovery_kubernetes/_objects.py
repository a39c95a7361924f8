"""What a Service and its EndpointSlices say of a component (operations.md §2)."""

import json
from collections.abc import Iterable
from typing import Any

from angzarr_discovery import Component, Interest

KIND = "app.kubernetes.io/component"
DOMAIN = "angzarr.io/domain"
NAME = "angzarr.io/app"
DESCRIPTOR = "angzarr.io/descriptor"
SERVICE_NAME = "kubernetes.io/service-name"
PORT = "grpc"
KINDS = {
    "aggregate": "aggregate",
    "saga": "saga",
    "projector": "projector",
    "process-manager": "process_manager",
}

Object = dict[str, Any]


def name_of(item: Object) -> str:
    """Return the name of an object."""
    return str(item["metadata"]["name"])


def service_of(endpoint_slice: Object) -> str:
    """Return the name of the Service that a slice belongs to."""
    return str(_labels(endpoint_slice).get(SERVICE_NAME, ""))


def component_of(service: Object, slices: Iterable[Object]) -> Component | None:
    """Return the component behind a Service, None where there is none.

    Shape: addresses are those of the ready endpoints, without one that of the Service itself, so
    that whoever calls is told that nobody answers. A domain that is no label (`*`) is an
    annotation.
    """
    metadata = service["metadata"]
    labels, annotations = _labels(service), metadata.get("annotations") or {}
    kind, name = KINDS.get(labels.get(KIND, "")), labels.get(NAME, "")
    if kind is None or not name:
        return None
    said = _descriptor(annotations.get(DESCRIPTOR, ""))
    return Component(
        name=name,
        kind=kind,
        domain=annotations.get(DOMAIN) or labels.get(DOMAIN, ""),
        addresses=tuple(sorted(_ready(slices))) or _fixed(service),
        inputs=_interests(said.get("inputs")),
        outputs=_interests(said.get("outputs")),
        asynchronous=said.get("asynchronous") is True,
    )


def _ready(slices: Iterable[Object]) -> Iterable[str]:
    for it in slices:
        ports = [at["port"] for at in it.get("ports") or () if at.get("name") == PORT]
        for endpoint in it.get("endpoints") or () if ports else ():
            if (endpoint.get("conditions") or {}).get("ready") is not False:
                yield _address(endpoint["addresses"][0], ports[0])


def _fixed(service: Object) -> tuple[str, ...]:
    metadata, ports = service["metadata"], service["spec"].get("ports") or ()
    host = f"{metadata['name']}.{metadata['namespace']}.svc"
    return tuple(f"{host}:{at['port']}" for at in ports if at.get("name") == PORT)


def _address(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _labels(item: Object) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def _descriptor(text: str) -> Object:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _interests(found: object) -> tuple[Interest, ...]:
    return tuple(
        Interest(domain=str(it["domain"]), types=tuple(map(str, it.get("types") or ())))
        for it in (found if isinstance(found, list) else ())
        if isinstance(it, dict) and "domain" in it
    )
