"""Faults at the n-th system call of a component, by strace.

The program is the one that users run, with its own SQLite: nothing is linked, loaded or patched
into it, and what is met is what the kernel is asked for, whichever library asks. Only calls on the
files of the store count (`-P`), each thread by itself. With `-D` the program and not its tracer is
our child, so that its number and exit code are its own. A machine without strace fails the suite.
"""

from typing_extensions import override

from .single import NOWHERE, Component

STRACE = ("strace", "-D", "-f", "-qq", "-o", "/dev/null")


class Traced(Component):
    """An aggregate whose next start meets `CALL:FAULT:when=N`, or nothing."""

    @override
    def use(self, faults: str) -> "Traced":
        super().use(NOWHERE)
        if faults != NOWHERE:
            call = faults.partition(":")[0]
            expressions = ("-e", f"trace={call}", "-e", f"inject={faults}")
            self.program = (*STRACE, *self._paths(), *expressions, *self.program)
        return self

    def _paths(self) -> list[str]:
        store, name = self.database.parent, self.database.name
        files = [store / f"{name}{end}" for end in ("", "-wal", "-shm", "-journal", ".lock")]
        return [f"--trace-path={path}" for path in (store, *files)]
