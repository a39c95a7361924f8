"""Which suite catches which planted bug, and how its failure reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One bug; `sign` is a pattern in what the test prints.

    `test` is relative to tests/faults, or begins with tests/ where another suite catches the bug.
    """

    number: str
    suite: str
    test: str
    sign: str


LOSS = "test_power_loss.py::test_a_power_loss_loses_nothing_acknowledged"
ERRORS = "test_power_loss.py::test_a_failed_write_or_sync_is_never_an_ok"
KILLS = "test_kill_points.py::"

STORE = (
    Planted(number="B12", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(number="B13", suite="S3", test=LOSS, sign=r"lost \d+-\d"),
    Planted(
        number="B14",
        suite="S4",
        test=KILLS + "test_a_coordinator_dies_at_every_point[pipe]",
        sign="announced that is not stored",
    ),
    Planted(
        number="B15",
        suite="S4",
        test=KILLS + "test_a_subscriber_dies_at_every_point[projector]",
        sign="checkpoint is ahead|not every event is projected",
    ),
    Planted(number="B17", suite="S5", test=ERRORS, sign="went on after a failure"),
    Planted(number="B18", suite="S5", test=ERRORS, sign="InvariantError"),
)
SOCKET = "test_fencing.py::test_a_socket_that_nobody_serves_is_replaced"
HANGING = "test_adversary.py::test_a_hanging_root_holds_up_no_other"
LIES = "test_adversary.py::test_nothing_that_bad_logic_answers_is_stored"
ORPHANS = "test_stop.py::test_nobody_outlives_a_killed_supervisor"
PORT = "test_fencing.py::test_a_port_is_never_shared"
WIPED = "test_lost_bus.py::test_wiped_pipes_lose_nothing"

# Not expressible on SQLite, whose one writer holds the file: B19, B20, B22.
SYSTEMS = (
    Planted(number="B21", suite="S6", test="test_nemesis.py", sign="which was refused"),
    Planted(number="B25", suite="S8", test=WIPED, sign="not with pipes again|I9 |I10 "),
    Planted(
        number="B26", suite="S8", test=WIPED, sign="not with pipes again|I9 |I21 |FileNotFound"
    ),
    Planted(number="B29", suite="S9", test=PORT, sign=r"assert \(-1, "),
    Planted(number="B34", suite="S12", test=LIES, sign="wrong root was accepted"),
    Planted(number="B35", suite="S12", test=HANGING, sign="assert is_first"),
    Planted(number="B41", suite="S15", test="test_drain.py", sign="assert .*== set\\(\\)"),
    Planted(number="B42", suite="S15", test=ORPHANS, sign="not alone"),
    Planted(number="B43", suite="S15", test=SOCKET, sign="listen is unix:"),
)
SOAK = "test_soak.py::test_nothing_grows"
INBOX = "test_soak.py::test_an_inbox_is_bounded"
INCIDENT = "tests/security/test_t11_leakage.py::test_the_text_of_an_exception_stays_here"
MODE = "tests/security/test_t1_places.py::test_a_socket_is_private"

# No method has a rule yet: B44.
STORM = (
    Planted(number="B39", suite="S14", test=INBOX, sign=r"assert \d+\.\d+ < 1.5"),
    Planted(number="B40", suite="S14", test=SOAK, sign="MiB per unit: .*gateway"),
    Planted(
        number="B45", suite="S16", test=INCIDENT, sign=r"assert \('INTERNAL', 'INTERNAL', \d\d"
    ),
    Planted(number="B46", suite="S16", test=MODE, sign="assert '755' == '600'"),
)
REGISTRY = (*STORE, *SYSTEMS, *STORM)
