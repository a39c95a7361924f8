"""Which suite catches which planted bug, and how its failure reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One bug; `sign` is a pattern in what the test prints.

    `test` is relative to tests/faults, or begins with tests/ where another suite catches the bug.
    One that is met `by_chance` is left to the run of all.
    """

    number: str
    suite: str
    test: str
    sign: str
    by_chance: bool = False


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
    Planted(
        number="B21", suite="S6", test="test_nemesis.py", sign="which was refused", by_chance=True
    ),
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
MODEL = "test_model.py::test_a_store_behaves_like_its_model[sqlite]"
TAKEOVER = "test_takeovers.py::test_who_was_replaced_stores_nothing"
FRAMES = "test_frames.py::test_no_damage_reaches_beyond_itself"
LATER = "test_unknown_fields.py::test_a_page_keeps_fields_of_a_later_version"
PARKED = "test_poison.py::test_poison_parks_its_own_root"
COUNTED = "test_poison.py::test_attempts_survive_a_restart"
CONTENTION = "test_contention.py::test_the_append_alone_decides"

RULES = (
    Planted(
        number="B5",
        suite="S2",
        test=MODEL,
        sign=r"assert .*repeated|in _check|answer, CommandIdReusedError",
    ),
    Planted(number="B7", suite="S2", test=MODEL, sign="AssertionError"),
    Planted(number="B8", suite="S2", test=MODEL, sign="CommandIdReusedError"),
    Planted(number="B9", suite="S2", test=MODEL, sign="in _read_feed"),
    Planted(number="B10", suite="S2", test=MODEL, sign="another snapshot"),
    Planted(number="B11", suite="S2", test=MODEL, sign="in _append|in _check|recall"),
    Planted(number="B23", suite="S2", test=MODEL, sign="isinstance\\(answer, ConflictError\\)"),
    Planted(number="B24", suite="S7", test=CONTENTION, sign="UnknownOutcomeError"),
    Planted(
        number="B27",
        suite="S9",
        test=TAKEOVER,
        sign=r"ConflictError|the epoch decreases|Appended\(row",
    ),
    Planted(number="B28", suite="S9", test=TAKEOVER, sign="lost the lease moved"),
    Planted(number="B30", suite="S10", test=LATER, sign=r"assert \[False, False\]"),
    Planted(number="B32", suite="S11", test=FRAMES, sign="Right contains"),
    Planted(number="B33", suite="S11", test=FRAMES, sign="Right contains|At index"),
    Planted(number="B36", suite="S13", test=PARKED, sign="BEHIND_DEAD_LETTER"),
    Planted(number="B37", suite="S13", test=PARKED, sign="replayed out of order|TimeoutError"),
    Planted(number="B38", suite="S13", test=COUNTED, sign="attempts were forgotten"),
)
PARKING = "test_kill_letters.py::test_a_subscriber_dies_while_it_parks"
LETTERS = (Planted(number="B16", suite="S4", test=PARKING, sign="a parked event is lost"),)
TASKS = "test_kept_tasks.py::test_a_call_leaves_no_task"
INBOX = "test_soak.py::test_an_inbox_is_bounded"
INCIDENT = "tests/security/test_t11_leakage.py::test_the_text_of_an_exception_stays_here"
MODE = "tests/security/test_t1_places.py::test_a_socket_is_private"

# No method has a rule yet: B44.
STORM = (
    Planted(number="B39", suite="S14", test=INBOX, sign=r"assert \d+\.\d+ < 1.5"),
    Planted(number="B40", suite="S14", test=TASKS, sign=r"assert \d+ < \(\d+ \+ "),
    Planted(
        number="B45", suite="S16", test=INCIDENT, sign=r"assert \('INTERNAL', 'INTERNAL', \d\d"
    ),
    Planted(number="B46", suite="S16", test=MODE, sign="assert '755' == '600'"),
)
REGISTRY = (*STORE, *LETTERS, *SYSTEMS, *RULES, *STORM)
