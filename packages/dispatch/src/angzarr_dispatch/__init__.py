"""A command of a saga or process manager until its outcome is terminal."""

__all__: list[str] = []
