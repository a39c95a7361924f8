"""Errors of the bus.

BusError
├── FrameError          bytes that are not a frame
├── BusUnavailableError the transport cannot be opened
└── BusRefusedError     the bus may not be opened: a setting, its value and the fix
"""


class BusError(Exception):
    """Base of every error a bus raises."""


class FrameError(BusError):
    """The bytes are not one whole, intact frame."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not a frame: {why}")
        self.why = why


class BusUnavailableError(BusError):
    """The bus cannot be opened; nothing was published or subscribed."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"bus {what} cannot be opened: {why}")
        self.what = what
        self.why = why


class BusRefusedError(BusError):
    """A setting keeps the bus from being opened; trying again changes nothing."""

    def __init__(self, setting: str, value: str, fix: str) -> None:
        super().__init__(f"{setting} is {value}; {fix}")
        self.setting = setting
        self.value = value
        self.fix = fix
