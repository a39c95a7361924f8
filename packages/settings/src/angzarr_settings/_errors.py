"""Errors of configuration.

SettingsError   a value, key or file is wrong: what, where it came from, what to do
"""


class SettingsError(Exception):
    """A setting is wrong; `fix` says what to do, `origin` where the value stands."""

    def __init__(self, what: str, origin: str, fix: str) -> None:
        super().__init__(f"{what} ({origin}). {fix}")
        self.what = what
        self.origin = origin
        self.fix = fix
