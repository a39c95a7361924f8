"""Who runs a server: this user, but nobody in place of root, whom Postgres refuses."""

import os
import pwd
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOR_ROOT = "nobody"


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

    @property
    def groups(self) -> Sequence[int] | None:
        """Return the further groups of a child: none for another user, None leaves them."""
        return None if self.uid == os.geteuid() else ()

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
