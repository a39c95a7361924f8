"""What a process of ours gives up at its start, for itself and its children (C17, C20)."""

import ctypes
import os
import resource

PRIVATE_UMASK = 0o077
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38


def harden() -> None:
    """Leave no core dump, gain no rights, create no file for others.

    Children inherit all of it but one thing: a program is dumpable again when it starts.

    Raises:
        OSError: the kernel refuses.
    """
    os.umask(PRIVATE_UMASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
