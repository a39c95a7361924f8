"""What cannot happen has a test that shows it (reliability.md §13)."""

from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES = range(1, 57)
TESTS = {
    1: ("packages/delivery", "without_a_bus_the_poll_finds_everything"),
    2: ("packages/cascade", "who_stays_away_is_late"),
    4: ("packages/delivery", "the_checkpoint_never_passes_an_unfinished_event"),
    5: ("packages/coordinator-saga", "logic_that_serves_no_saga_pauses"),
    6: ("packages/bus-conformance", "an_overflowing_inbox_is_behind_and_goes_on"),
    7: ("packages/stream", "n7_a_slow_reader_misses_nothing"),
    8: ("packages/plugins", "a_missing_one_names_what_is_installed_and_the_fix"),
    9: ("packages/delivery", "a_restart_continues_at_the_checkpoint"),
    10: ("packages/stream", "n10_every_replica_brings_everything"),
    11: ("packages/bus-ipc", "a_broken_record_costs_only_itself"),
    12: ("packages/gateway", "an_accepted_command_answers_with_its_stored_pages"),
    13: ("packages/gateway", "a_stale_sequence_is_refused_at_once"),
    14: ("packages/gateway", "a_repeat_gets_the_first_result"),
    15: ("packages/coordinator-aggregate", "slow_logic_does_not_block_another_root"),
    16: ("packages/replay", "a_hole_or_repeat_is_damage"),
    18: ("packages/gateway", "large_pages_are_cut_to_four_kilobytes"),
    19: ("packages/gateway", "a_history_that_logic_cannot_be_sent_is_refused"),
    20: ("packages/settings", "a_wrong_value_is_named_with_its_origin"),
    21: ("packages/coordinator-aggregate", "an_answer_lists_who_was_waited_for"),
    22: ("packages/coordinator-saga", "a_restart_sends_the_recorded_bytes"),
    23: ("packages/dispatch", "a_compensation_tells_the_source"),
    24: ("packages/coordinator-saga", "a_rejection_and_its_compensation_are_one_transaction"),
    25: ("packages/coordinator-saga", "events_of_a_saga_park_the_event"),
    26: ("packages/coordinator-saga", "each_cover_gets_its_book_in_order"),
    27: ("packages/coordinator-saga", "only_the_declared_types_are_shown"),
    28: ("tests/faults", "a_timer_fires_once_wherever_its_coordinator_dies"),
    29: ("packages/coordinator-saga", "every_event_of_one_command_is_shown_alone"),
    30: ("packages/proto", "an_identifier_equals_its_vector"),
    31: ("packages/gateway", "a_workflow_comes_from_one_domain"),
    32: ("packages/coordinator-process-manager", "a_timer_survives_a_restart_and_fires"),
    33: ("packages/testing", "a_command_has_all_its_effects"),
    37: ("packages/store-conformance", "a_contract_test_cannot_be_replaced"),
    38: ("packages/store-conformance", "members_of_a_group_see_each_other"),
    39: ("packages/log", "n39_the_time_of_an_event_is_ours"),
    40: ("packages/log", "n40_a_number_never_wraps"),
    41: ("packages/store-conformance", "n41_a_cancelled_append_leaves_nothing_open"),
    42: ("packages/log", "n42_no_read_of_a_query_exceeds_a_piece"),
    43: ("packages/settings", "a_wrong_value_is_named_with_its_origin"),
    44: ("packages/service", "n44_a_dead_channel_is_replaced"),
    45: ("packages/ports", "a_dead_task_is_reported"),
    46: ("packages/gateway", "n46_a_command_is_followed_by_its_workflow"),
    48: ("packages/gateway", "a_silent_domain_is_no_omission"),
    49: ("packages/gateway", "a_client_without_ids_is_never_deduplicated"),
    50: ("packages/topology", "n50_only_handled_events_count"),
    51: ("packages/service", "a_probe_that_fails_takes_the_readiness_until_it_succeeds"),
    52: ("tests/faults", "a_drain_answers_what_it_commits"),
    53: ("tests/acceptance", "every_metric_moves"),
    54: ("packages/proto", "types_match_whole_or_at_a_dot"),
    55: ("packages/coordinator-aggregate", "an_invalid_reply_stores_nothing"),
    56: ("tests/test_promises.py", "n56_an_async_step_is_refused"),
}
NOT_BUILT = {
    3: "snapshots",
    17: "temporal reads and dry runs",
    34: "editions",
    35: "editions",
    36: "editions",
    47: "speculation of sagas and projectors",
}


@pytest.mark.parametrize(("number", "where", "name"), [(it, *TESTS[it]) for it in TESTS])
def test_what_cannot_happen_is_tested(
    number: int, where: str, name: str, names_below: Callable[[str], frozenset[str]]
) -> None:
    """Each line of the table has a test, in the member or suite that keeps the promise."""
    assert f"test_{name}" in names_below(where), f"N{number} has lost its test"


def test_no_line_is_left_out() -> None:
    """A line has a test, or belongs to a part that is not built; never both."""
    assert sorted([*TESTS, *NOT_BUILT]) == [*LINES]


@pytest.mark.parametrize(
    ("folder", "missing"),
    [
        ("packages/stream", {7, 10, 46}),
        ("packages/topology", {50}),
    ],
)
def test_what_is_built_is_tested(folder: str, missing: set[int]) -> None:
    """Whoever adds a member moves its lines into the table of tests."""
    assert not (ROOT / folder).exists() or not missing & set(NOT_BUILT)


def test_n56_an_async_step_is_refused(request: pytest.FixtureRequest) -> None:
    """It would never be awaited, and so pass without having done anything."""

    async def step() -> None:
        """Do nothing."""

    with pytest.raises(pytest.fail.Exception, match="never be awaited"):
        request.config.hook.pytest_bdd_before_step_call(
            request=request,
            feature=None,
            scenario=None,
            step=None,
            step_func=step,
            step_func_args={},
        )
