"""Copies a trait onto the generated class it belongs to."""

from google.protobuf.message import Message


def attach(message: type[Message], trait: type[object]) -> None:
    """Give every member of `trait` to `message`.

    Raises:
        TypeError: the class already has a member of that name.
    """
    for name, member in vars(trait).items():
        if name.startswith("__") or name == "_abc_impl":
            continue
        if hasattr(message, name):
            raise TypeError(f"{message.__name__} already has {name!r}")
        setattr(message, name, member)
