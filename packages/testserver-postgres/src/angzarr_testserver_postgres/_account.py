"""Who runs a server: this user, but nobody in place of root, whom Postgres refuses."""

import os
import pwd
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOR_ROOT = "nobody"
BECOME = """
import os, shutil, sys
program = shutil.which(sys.argv[3])
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
os.execv(program, sys.argv[3:])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user and group by number; what a child process is started as."""

    uid: int
    gid: int

    @classmethod
    def of_servers(cls) -> "Account":
        """Return the account of every server that this process starts."""
        if os.geteuid():
            return cls(uid=os.geteuid(), gid=os.getegid())
        found = pwd.getpwnam(FOR_ROOT)
        return cls(uid=found.pw_uid, gid=found.pw_gid)

    def command(self, *command: str) -> Sequence[str]:
        """Return what runs a command as this account.

        A child becomes another user by itself: a fork that does so in its place calls what
        libraries of this process do at a fork, and gRPC's breaks the child.
        """
        if self.uid == os.geteuid():
            return command
        return (sys.executable, "-IS", "-c", BECOME, str(self.uid), str(self.gid), *command)

    def own(self, directory: Path) -> None:
        """Make a directory that only this account reads."""
        directory.mkdir(mode=0o700)
        if self.uid != os.geteuid():
            os.chown(directory, self.uid, self.gid)

    def reaches(self, place: Path) -> bool:
        """Say whether this account may pass through all parents of a place, and read it."""
        if self.uid == os.geteuid():
            return True
        return all(_admits(it, stat.S_IXOTH) for it in place.resolve().parents) and _admits(
            place.resolve(), stat.S_IROTH | stat.S_IXOTH
        )


def _admits(place: Path, mode: int) -> bool:
    return place.stat().st_mode & mode == mode
