"""Flags, environment and YAML become frozen settings."""

__all__: list[str] = []
