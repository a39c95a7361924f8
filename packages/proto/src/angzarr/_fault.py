"""What is wrong with the shape of a message."""

from typing import NamedTuple


class Fault(NamedTuple):
    """The field that is wrong, and a sentence with the exact text of the wire contract."""

    field: str
    message: str
