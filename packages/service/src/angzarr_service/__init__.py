"""Process shell: server, channels, health, signals, logs, error to status."""

__all__: list[str] = []
