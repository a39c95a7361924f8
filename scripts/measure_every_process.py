"""Make every Python process of this environment measure its coverage, whatever its variables."""

import sysconfig
from pathlib import Path

from coverage import Coverage

NAME = "COVERAGE_PROCESS_CONFIG"


def main() -> None:
    """Write the file that sets the variable which coverage's own start-up file looks for."""
    config = Coverage(config_file="pyproject.toml").config.serialize()
    place = Path(sysconfig.get_path("purelib")) / "a0_measure_every_process.pth"
    line = f"import os; os.environ.setdefault({NAME!r}, {config!r})\n"
    place.write_text(line, encoding="utf-8")


if __name__ == "__main__":
    main()
