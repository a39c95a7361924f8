"""The subscription loop: checkpoint, window, retry budget, park."""

__all__: list[str] = []
