"""What a caller with a certificate may do."""

from abc import ABC, abstractmethod
from typing import Any


class Access(ABC):
    """Says what an identity may call. Rule: security.md C5."""

    @abstractmethod
    def lacking(self, identity: str, path: str, request: Any) -> str:  # noqa: ANN401 - its message
        """Return what an identity lacks to call the method at `path`, "" if it may.

        Shape: `request` is the message that decides on which domain, None before there is one.
        """
