"""Supervisor: the same console scripts as local processes."""

__all__: list[str] = []
