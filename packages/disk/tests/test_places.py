"""A place that cannot keep a database is refused, by name and with what to do."""

from pathlib import Path

import pytest

from angzarr_disk import DatabaseLock, Space, check_file, check_place
from angzarr_store import RefusedError


def test_memory_is_no_place_unless_asked_for() -> None:
    """A store on tmpfs is refused by default, and taken when it may forget."""
    memory = Path("/dev/shm")  # noqa: S108 - the tmpfs of every Linux

    check_place(memory, volatile=True)
    with pytest.raises(RefusedError, match="tmpfs"):
        check_place(memory, volatile=False)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """A new file is made private; one that is not is named with its mode."""
    check_file(tmp_path / "new.db")
    (tmp_path / "wide.db").touch(mode=0o644)

    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(RefusedError, match=r"wide\.db is 644 .*chmod 600"):
        check_file(tmp_path / "wide.db")


def test_a_lock_is_held_once(tmp_path: Path) -> None:
    """A second owner is refused until the first gives it back."""
    first = DatabaseLock(tmp_path / "order.db.lock")
    with pytest.raises(RefusedError, match="another process owns"):
        DatabaseLock(tmp_path / "order.db.lock")
    first.release()

    DatabaseLock(tmp_path / "order.db.lock").release()


def test_a_reserve_that_cannot_be_taken_refuses_the_start(tmp_path: Path) -> None:
    """What is in its place is named, and what to do."""
    (tmp_path / "order.db-reserve").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RefusedError, match=r"order\.db-reserve"):
        Space(tmp_path / "order.db", 1 << 20)
