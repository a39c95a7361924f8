"""The name of a component in its certificate: spiffe://angzarr/<namespace>/<component>."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_NAME = re.compile(r"spiffe://angzarr/([a-z0-9][a-z0-9_.-]*)/([a-z0-9][a-z0-9_.-]*)")


class Identity(NamedTuple):
    """Which component of which namespace a certificate is for."""

    namespace: str
    component: str

    @staticmethod
    def of(uris: Iterable[str]) -> "Identity | None":
        """Return what the URIs of a certificate say, None unless there is one and it is ours."""
        names = tuple(uris)
        found = _NAME.fullmatch(names[0]) if len(names) == 1 else None
        return Identity(found[1], found[2]) if found else None
