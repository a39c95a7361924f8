"""The coordinators behind the gateway: where they are, and what their silence means."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message

from angzarr import Method, is_name, is_reserved_domain
from angzarr_discovery import Component, Discovery
from angzarr_ports import Faults
from angzarr_replicas import Replicas
from angzarr_service import CallError, Fault, RequestError

CANCELLED = 1

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Calls the owner of a domain; its status passes unchanged."""

    replicas: Replicas
    faults: Faults

    @property
    def discovery(self) -> Discovery:
        """Return who knows the components."""
        return self.replicas.discovery

    def domains(self) -> list[str]:
        """Return every domain whose roots are listed to clients, in order."""
        return [it for it in self.discovery.domains() if not is_reserved_domain(it)]

    def owner(self, domain: str) -> Component:
        """Return the component that owns a domain.

        Raises:
            NoRouteError: nobody owns the domain.
            RequestError: INVALID_ARGUMENT, it is no name.
        """
        if not is_name(domain) and not is_reserved_domain(domain):
            raise RequestError("INVALID_ARGUMENT", f"Invalid domain: {domain}", field="domain")
        return self.discovery.route(domain)

    async def call(
        self,
        domain: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float,
        root: bytes = b"",
    ) -> ReplyT:
        """Return the answer of the owner of `domain` to a call about `root`.

        Raises:
            NoRouteError: nobody owns the domain.
            CallError: its own answer, unchanged.
            RequestError: UPSTREAM_UNAVAILABLE.
            TimeoutError: it did not answer in time.
        """
        try:
            return await self.replicas.call(
                self.owner(domain), method, request, timeout_seconds=timeout_seconds, root=root
            )
        except CallError as error:
            raise meaning(f"Service for domain {domain}", error) from error

    async def ask(
        self,
        component: Component,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float,
    ) -> ReplyT:
        """Return the answer of a component's coordinator; errors as of `call`."""
        try:
            return await self.replicas.call(
                component, method, request, timeout_seconds=timeout_seconds
            )
        except CallError as error:
            raise meaning(f"Component {component.name}", error) from error

    async def stream(
        self,
        domain: str,
        method: Method[RequestT, ReplyT],
        request: RequestT,
        *,
        timeout_seconds: float | None,
        root: bytes = b"",
    ) -> AsyncIterator[ReplyT]:
        """Yield the answers of the owner of `domain`; errors as of `call`."""
        owner = self.owner(domain)
        try:
            async for reply in self.replicas.stream(
                owner, method, request, timeout_seconds=timeout_seconds, root=root
            ):
                yield reply
                self.faults.at("G4")
        except CallError as error:
            raise meaning(f"Service for domain {domain}", error) from error


def meaning(who: str, error: CallError) -> Exception:
    """Return the answer of a coordinator as it is, and what is answered when there was none.

    Its own answers have details, what the transport says has none.
    """
    if error.fault is Fault.LATENESS:
        return TimeoutError(error.status.message)
    is_gone = error.status.is_unavailable or error.status.code == CANCELLED
    if is_gone and not error.details:
        text = f"{who} is unavailable"
        outcome = "unknown" if error.is_unknown else "not_applied"
        return RequestError("UPSTREAM_UNAVAILABLE", text, outcome=outcome)
    return error
