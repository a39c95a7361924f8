"""Errors of discovery.

DiscoveryError
├── NoRouteError               no component serves the domain
└── DiscoveryUnavailableError  the source of addresses cannot be read
"""


class DiscoveryError(Exception):
    """Base of every error discovery raises."""


class NoRouteError(DiscoveryError):
    """No component serves the domain."""

    def __init__(self, domain: str, known: tuple[str, ...]) -> None:
        super().__init__(f'no component serves domain "{domain}"; known: {", ".join(known)}.')
        self.domain = domain
        self.known = known


class DiscoveryUnavailableError(DiscoveryError):
    """The source of addresses cannot be read."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"discovery {source} cannot be read: {why}")
        self.source = source
        self.why = why
