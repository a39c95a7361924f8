"""How a bug gets into the product."""


def replace(owner: object, name: str, value: object) -> None:
    """Put a bug in the place of what is there.

    Raises:
        AttributeError: nothing is: the bug would be in nobody's way.
    """
    getattr(owner, name)
    setattr(owner, name, value)
