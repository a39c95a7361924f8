"""The saga's coordinator as a script that kills itself where it first passes a point."""

import dataclasses
import os
import signal
import sys
from collections.abc import Callable

from typing_extensions import override

from angzarr_coordinator_saga import main
from angzarr_ports import Faults, System, real_system
from angzarr_service import _process as process


class Killing(Faults):
    """SIGKILL at one point."""

    def __init__(self, point: str) -> None:
        self._point = point

    @override
    def at(self, point: str) -> None:
        if point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


def mortal(point: str) -> Callable[[Callable[[str, BaseException], None]], System]:
    """Return what makes the ports of a process that ends at a point."""
    return lambda failed: dataclasses.replace(real_system(failed), faults=Killing(point))


if __name__ == "__main__":
    process.real_system = mortal(sys.argv.pop(1))
    main()
