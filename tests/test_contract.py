"""Every RPC has a test for each of its answers (contract.md §4, §6)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from angzarr import rpc
from angzarr_service import _status

ROOT = Path(__file__).resolve().parent.parent

Names = Callable[[str], frozenset[str]]

GATEWAY, AGGREGATE = "packages/gateway", "packages/coordinator-aggregate"
SAGA, PROJECTOR = "packages/coordinator-saga", "packages/coordinator-projector"
MANAGER, LETTERS = "packages/coordinator-process-manager", "packages/deadletter"
STREAM, LINK = "packages/stream", "packages/link"
SERVICE = "packages/service"
TRUST = "packages/trust"
SECURITY, ACCEPTANCE = "tests/security", "tests/acceptance"

# Implemented by authors; what their answers mean are rows of who calls them.
BY_LOGIC = {
    "Aggregate",
    "Saga",
    "Projector",
    "ProcessManager",
    "Upcaster",
    "LogicLink",
    "ReadModel",
}
OK = "OK"
Rows = dict[str, tuple[str, str]]
# §4.0: asked of every method of every service, whoever implements it.
COMMON: Rows = {
    "undecodable": (SERVICE, "what_cannot_be_a_request"),
    "MESSAGE_TOO_LARGE": (SERVICE, "what_cannot_be_a_request"),
    "UNAUTHENTICATED": (TRUST, "a_stranger_is_told_why"),
    "DEADLINE": (SERVICE, "a_late_answer"),
    "INTERNAL": (SERVICE, "errors_of_ours"),
    "FENCED": (SERVICE, "errors_of_ours"),
    "OVERLOADED": (SERVICE, "no_room_and_no_more_work"),
    "NOT_READY": (SERVICE, "no_room_and_no_more_work"),
}
HANDLE: Rows = {
    OK: (AGGREGATE, "an_accepted_command_answers_with_its_stored_pages"),
    "INVALID_ARGUMENT": (AGGREGATE, "malformed_commands_get_their_exact_answer"),
    "RESERVED_DOMAIN": (AGGREGATE, "malformed_commands_get_their_exact_answer"),
    "UNKNOWN_DOMAIN": (AGGREGATE, "malformed_commands_get_their_exact_answer"),
    "SEQUENCE_MISMATCH": (AGGREGATE, "a_stale_sequence_is_refused_at_once"),
    "COMMAND_ID_REUSED": (AGGREGATE, "an_id_names_one_command"),
    "COMMAND_REVOKED": (AGGREGATE, "a_revocation_is_a_refusal"),
    "LOGIC_REJECTED": (AGGREGATE, "a_refusal_is_remembered"),
    "LOGIC_FAILED": (AGGREGATE, "a_crash_of_logic_leaks_nothing"),
    "LOGIC_DEADLINE": (AGGREGATE, "slow_logic_does_not_block_another_root"),
    "LOGIC_REPLY_INVALID": (AGGREGATE, "an_invalid_reply_stores_nothing"),
    "UPCAST_FAILED": (AGGREGATE, "a_failing_upcaster_ends_the_command"),
    "MESSAGE_TOO_LARGE": (AGGREGATE, "too_large_a_command_is_refused"),
}
EXECUTE: Rows = {
    OK: (GATEWAY, "an_accepted_command_answers_with_its_stored_pages"),
    "INVALID_ARGUMENT": (GATEWAY, "a_malformed_command_gets_its_exact_answer"),
    "RESERVED_DOMAIN": (GATEWAY, "a_reserved_domain_takes_no_commands"),
    "UNKNOWN_DOMAIN": (GATEWAY, "an_unknown_domain_is_named"),
    "PERMISSION_DENIED": (SECURITY, "a_stranger_is_refused_at_the_gateway"),
    "SEQUENCE_MISMATCH": (GATEWAY, "a_stale_sequence_is_refused_at_once"),
    "CONFLICT": (GATEWAY, "a_storm_of_conflicts_ends"),
    "COMMAND_ID_REUSED": (GATEWAY, "an_id_names_one_root"),
    "COMMAND_REVOKED": (GATEWAY, "a_revocation_is_a_refusal_with_its_flags"),
    "DIVERGENCE_MISMATCH": (GATEWAY, "a_request_says_where_it_leaves_main"),
    "EDITION_DELETED": (GATEWAY, "a_deleted_edition_is_gone_for_ever"),
    "LOGIC_REJECTED": (GATEWAY, "a_rejection_passes_unchanged"),
    "LOGIC_FAILED": (GATEWAY, "another_code_is_a_failure_and_passes_too"),
    "LOGIC_UNAVAILABLE": (GATEWAY, "logic_that_is_gone_is_unavailable"),
    "LOGIC_DEADLINE": (GATEWAY, "logic_that_is_late_ends_the_command"),
    "LOGIC_REPLY_INVALID": (GATEWAY, "an_invalid_reply_stores_nothing"),
    "MESSAGE_TOO_LARGE": (GATEWAY, "a_command_just_above_the_limit_is_refused"),
    "OVERLOADED": (GATEWAY, "a_full_lane_refuses_at_once"),
    "STORE_FULL": (GATEWAY, "an_append_that_fails_has_its_answer"),
    "DEADLINE": (GATEWAY, "a_deadline_before_the_append_stores_nothing"),
    "OUTCOME_UNKNOWN": (GATEWAY, "a_deadline_during_the_append_is_unknown"),
    "STORE_READ_FAILED": (GATEWAY, "a_state_that_cannot_be_read_fails_the_command"),
    "STORE_WRITE_FAILED": (GATEWAY, "an_append_that_fails_has_its_answer"),
    "DATA_DAMAGED": (GATEWAY, "a_damaged_event_is_data_loss"),
    "FENCED": (GATEWAY, "a_fenced_coordinator_stores_nothing_and_ends"),
    "NOT_READY": (GATEWAY, "a_draining_gateway_finishes_and_takes_nothing_new"),
    "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_coordinator_that_ends_leaves_the_outcome_unknown"),
    "INTERNAL": (GATEWAY, "an_exception_of_ours_leaks_nothing"),
}
ROWS: dict[str, Rows] = {
    "AggregateCoordinator.Handle": HANDLE,
    "AggregateCoordinator.HandleSync": {
        OK: (AGGREGATE, "an_answer_lists_who_was_waited_for"),
        "INVALID_ARGUMENT": (AGGREGATE, "a_request_of_bad_shape_is_refused"),
        "LOGIC_REJECTED": (AGGREGATE, "a_refusal_is_that_of_handle"),
    },
    "AggregateCoordinator.DryRunHandle": {
        OK: (GATEWAY, "logic_sees_the_state_of_the_point"),
        "INVALID_ARGUMENT": (GATEWAY, "a_request_without_meaning_is_refused"),
        "LOGIC_REJECTED": (GATEWAY, "what_would_fail_says_so"),
        "UNKNOWN_DOMAIN": (GATEWAY, "another_domain_is_not_served"),
    },
    "CommandGateway.Execute": EXECUTE,
    "CommandGateway.ExecuteSync": {
        OK: (GATEWAY, "a_command_with_a_mode_is_run_once"),
        "INVALID_ARGUMENT": (GATEWAY, "a_request_of_bad_shape_is_refused"),
        "LOGIC_REJECTED": (GATEWAY, "the_answer_of_the_coordinator_passes"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_coordinator_is_unavailable"),
    },
    "CommandGateway.ExecuteStream": {
        OK: (GATEWAY, "n46_a_command_is_followed_by_its_workflow"),
        "INVALID_ARGUMENT": (GATEWAY, "what_cannot_be_watched_is_refused"),
        "LOGIC_REJECTED": (GATEWAY, "a_refused_command_ends_its_stream"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "without_a_stream_nothing_is_sent"),
    },
    "EventStream.Subscribe": {
        OK: (STREAM, "every_append_comes_once_however_it_is_read"),
        "INVALID_ARGUMENT": (STREAM, "what_cannot_be_watched_is_refused"),
        "STREAM_CLOSED": (STREAM, "a_stream_ends_with_where_to_resume"),
        "UPSTREAM_UNAVAILABLE": (STREAM, "a_silent_domain_is_no_omission"),
    },
    "EditionService.CreateEdition": {
        OK: (GATEWAY, "a_created_edition_leaves_main_at_its_point"),
        "INVALID_ARGUMENT": (GATEWAY, "main_is_no_edition"),
        "EDITION_EXISTS": (GATEWAY, "an_edition_is_made_once"),
        "EDITION_DELETED": (GATEWAY, "a_deleted_edition_is_gone_for_ever"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_domain_fails_the_request"),
    },
    "EditionService.DeleteEdition": {
        OK: (GATEWAY, "a_deleted_edition_is_gone_for_ever"),
        "INVALID_ARGUMENT": (GATEWAY, "main_is_no_edition"),
        "UNKNOWN_EDITION": (GATEWAY, "an_unknown_edition_cannot_be_deleted"),
    },
    "EditionService.ListEditions": {OK: (GATEWAY, "an_edition_is_made_once")},
    "EventQuery.GetEventBook": {
        OK: (GATEWAY, "a_root_is_returned_whole"),
        "INVALID_ARGUMENT": (GATEWAY, "a_query_without_meaning_is_refused"),
        "UNKNOWN_DOMAIN": (GATEWAY, "an_unknown_domain_is_named"),
        "MESSAGE_TOO_LARGE": (GATEWAY, "a_book_that_is_too_large_is_refused"),
        "DEADLINE": (GATEWAY, "a_query_that_is_late_changed_nothing"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "queries_name_the_domain_that_is_silent"),
    },
    "EventQuery.GetEvents": {
        OK: (GATEWAY, "a_workflow_comes_from_all_domains"),
        "INVALID_ARGUMENT": (GATEWAY, "a_query_without_meaning_is_refused"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_domain_is_no_omission"),
    },
    "EventQuery.Synchronize": {
        OK: (GATEWAY, "synchronize_answers_each_query_in_order"),
        "INVALID_ARGUMENT": (GATEWAY, "synchronize_needs_a_query"),
        "UNKNOWN_DOMAIN": (GATEWAY, "the_first_failing_query_ends_the_stream"),
    },
    "EventQuery.GetAggregateRoots": {
        OK: (GATEWAY, "roots_of_all_domains_are_listed_once"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_domain_ends_the_listing"),
    },
    "EventFeed.Read": {
        OK: (GATEWAY, "a_log_is_read_whole"),
        "POSITION_PAST_HEAD": (GATEWAY, "a_feed_that_cannot_be_right_is_refused"),
        "LOG_MISMATCH": (GATEWAY, "a_feed_that_cannot_be_right_is_refused"),
        "STREAM_CLOSED": (GATEWAY, "an_open_stream_ends_with_a_reason"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_domain_ends_its_feed"),
    },
    "EventFeed.Head": {
        OK: (GATEWAY, "the_head_of_each_domain_is_its_own"),
        "UNKNOWN_DOMAIN": (GATEWAY, "a_feed_that_cannot_be_right_is_refused"),
    },
    "CoordinatorLink.Open": {
        OK: (LINK, "commands_and_queries_have_a_link_of_their_own"),
        "INVALID_ARGUMENT": (LINK, "a_wrong_call_fails_alone"),
        "OUTCOME_UNKNOWN": (LINK, "a_command_that_was_sent_is_unknown_and_never_repeated"),
    },
    "DeadLetters.List": {
        OK: (GATEWAY, "lists_are_merged_in_one_order"),
        "INVALID_ARGUMENT": (LETTERS, "a_wrong_field_is_named"),
        "UNKNOWN_COMPONENT": (GATEWAY, "a_request_without_sense_is_refused_here"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "an_unreachable_component_is_no_omission"),
    },
    "DeadLetters.Get": {
        OK: (LETTERS, "one_letter_is_shown_whole"),
        "UNKNOWN_DEAD_LETTER": (LETTERS, "an_unknown_letter_is_named"),
    },
    "DeadLetters.Replay": {
        OK: (LETTERS, "a_replay_goes_on_with_the_root_once"),
        "INVALID_ARGUMENT": (LETTERS, "a_replay_is_about_something"),
        "DEAD_LETTER_STATE": (LETTERS, "only_parked_letters_are_decided_about"),
        "DEAD_LETTER_ORDER": (LETTERS, "letters_keep_their_order"),
        "COUNT_MISMATCH": (LETTERS, "a_selection_must_match_what_was_seen"),
    },
    "DeadLetters.Discard": {
        OK: (LETTERS, "a_discarded_letter_stays_and_its_root_goes_on"),
        "INVALID_ARGUMENT": (LETTERS, "a_discard_needs_a_note"),
        "DEAD_LETTER_STATE": (LETTERS, "only_parked_letters_are_decided_about"),
    },
    "Timers.List": {
        OK: (GATEWAY, "timers_are_one_list_by_deadline"),
        "INVALID_ARGUMENT": (MANAGER, "what_is_asked_of_timers_is_checked"),
        "UNKNOWN_COMPONENT": (GATEWAY, "what_is_asked_is_checked"),
    },
    "Timers.Cancel": {
        OK: (MANAGER, "timers_are_listed_by_deadline_and_cancelled"),
        "INVALID_ARGUMENT": (GATEWAY, "a_cancellation_goes_to_the_owner"),
    },
    "Progress.Await": {
        OK: (SAGA, "an_append_is_applied_when_its_commands_have_results"),
        "UNKNOWN_COMPONENT": (SAGA, "a_stranger_is_told_so"),
        "NOT_SUBSCRIBED": (SAGA, "a_stranger_is_told_so"),
    },
    "Progress.List": {
        OK: (SAGA, "progress_is_listed"),
        "UNKNOWN_COMPONENT": (GATEWAY, "who_reads_nothing_has_no_progress"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "all_are_one_list"),
    },
    "Progress.SetPaused": {
        OK: (SAGA, "a_saga_is_paused"),
        "UNKNOWN_COMPONENT": (SAGA, "nobody_else_is_paused"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_component_is_not_paused"),
    },
    "ProjectorRebuild.Begin": {
        OK: (PROJECTOR, "a_rebuild_that_goes_on_is_joined"),
        "UNKNOWN_COMPONENT": (GATEWAY, "another_component_has_no_read_model"),
        "NOT_REBUILDABLE": (PROJECTOR, "logic_without_a_place_beside_is_not_rebuilt"),
        "LOGIC_UNAVAILABLE": (PROJECTOR, "logic_that_fails_to_begin_begins_nothing"),
        "LOGIC_FAILED": (PROJECTOR, "logic_that_fails_to_begin_begins_nothing"),
        "UPSTREAM_UNAVAILABLE": (GATEWAY, "a_silent_projector_is_unavailable"),
    },
    "ProjectorRebuild.Get": {
        OK: (GATEWAY, "a_request_goes_to_the_projector_that_it_names"),
        "UNKNOWN_COMPONENT": (PROJECTOR, "another_component_is_not_rebuilt_here"),
        "NOT_READY": (PROJECTOR, "before_the_inputs_are_known_nothing_is_rebuilt"),
    },
    "ProjectorRebuild.Compare": {
        OK: (PROJECTOR, "what_differs_is_shown"),
        "REBUILD_STATE": (PROJECTOR, "without_a_rebuild_there_is_nothing_to_decide"),
        "UPSTREAM_UNAVAILABLE": (PROJECTOR, "roots_that_cannot_be_listed_are_no_omission"),
    },
    "ProjectorRebuild.Switch": {
        OK: (PROJECTOR, "a_rebuild_takes_the_place_of_the_live_version"),
        "REBUILD_STATE": (PROJECTOR, "a_version_that_is_far_behind_takes_nobodys_place"),
        "PARKED": (PROJECTOR, "a_version_that_lacks_an_event_takes_nobodys_place"),
    },
    "ProjectorRebuild.Cancel": {
        OK: (PROJECTOR, "a_cancelled_rebuild_leaves_nothing"),
        "REBUILD_STATE": (PROJECTOR, "what_is_being_switched_cannot_be_cancelled"),
    },
    "ProcessManagerCoordinator.HandleSpeculative": {
        OK: (MANAGER, "a_speculation_stores_and_sends_nothing"),
    },
    "ProjectorCoordinator.HandleSync": {
        OK: (PROJECTOR, "a_foreign_coordinator_gets_the_projection_of_the_last_page"),
        "INVALID_ARGUMENT": (PROJECTOR, "no_pages_are_refused"),
        "NOT_SUBSCRIBED": (PROJECTOR, "a_foreign_domain_is_refused"),
        "PARKED": (PROJECTOR, "parked_pages_are_refused"),
        "DEADLINE": (PROJECTOR, "pages_that_are_not_applied_are_waited_for"),
    },
    "ProjectorCoordinator.Handle": {OK: (PROJECTOR, "a_hint_is_answered_at_once")},
    "SagaCoordinator.ExecuteSpeculative": {
        OK: (SAGA, "commands_are_stamped_and_not_sent"),
        "INVALID_ARGUMENT": (SAGA, "a_source_must_be_given"),
        "LOGIC_REPLY_INVALID": (SAGA, "a_reply_that_breaks_a_rule_says_so"),
    },
    "ProjectorCoordinator.HandleSpeculative": {
        OK: (PROJECTOR, "a_projection_is_returned_and_not_kept"),
        "NOT_SPECULATIVE": (PROJECTOR, "other_logic_is_not_asked"),
    },
    "SpeculativeService.SpeculateProjector": {
        OK: (GATEWAY, "a_projector_is_asked_by_name_or_domain"),
        "INVALID_ARGUMENT": (GATEWAY, "a_book_must_be_given"),
        "UNKNOWN_COMPONENT": (GATEWAY, "an_unknown_component_is_not_found"),
        "NOT_SPECULATIVE": (ACCEPTANCE, "a_projector_with_a_read_model_is_not_asked"),
    },
    "SpeculativeService.SpeculateSaga": {
        OK: (GATEWAY, "a_saga_is_shown_the_given_books_only"),
        "INVALID_ARGUMENT": (GATEWAY, "a_book_must_be_given"),
        "UNKNOWN_COMPONENT": (GATEWAY, "an_unknown_component_is_not_found"),
    },
    "SpeculativeService.SpeculateProcessManager": {
        OK: (GATEWAY, "a_process_manager_is_told_which_page_is_new"),
        "INVALID_ARGUMENT": (GATEWAY, "a_book_must_be_given"),
        "UNKNOWN_COMPONENT": (GATEWAY, "an_unknown_component_is_not_found"),
    },
    "SpeculativeService.DryRunCommand": {
        OK: (GATEWAY, "logic_sees_the_state_of_the_point"),
        "INVALID_ARGUMENT": (GATEWAY, "a_request_without_meaning_is_refused"),
        "COMMAND_REVOKED": (GATEWAY, "a_revocation_parks_nothing"),
    },
}
SERVED = [
    f"{service.removeprefix('angzarr.')}.{method.name}"
    for service, methods in rpc.SERVICES.items()
    for method in methods
    if service.removeprefix("angzarr.") not in BY_LOGIC
]
ANSWERS = [
    (name, row, *test) for name, rows in ROWS.items() for row, test in {**COMMON, **rows}.items()
]


@pytest.mark.parametrize(
    ("place", "test"),
    [it[2:] for it in ANSWERS],
    ids=["{} | {} | {}::test_{}".format(*it) for it in ANSWERS],
)
def test_an_answer_is_tested(place: str, test: str, names_below: Names) -> None:
    """Each row of the table names a test that exists."""
    assert f"test_{test}" in names_below(place)


@pytest.mark.parametrize("name", SERVED)
def test_no_rpc_is_left_out(name: str) -> None:
    """It has rows, one of them for OK."""
    assert OK in ROWS.get(name, {})


def test_no_reason_is_left_out() -> None:
    """Every reason of contract.md §6 is an answer of some RPC."""
    answered = {row for rows in [COMMON, *ROWS.values()] for row in rows} - {OK}

    assert set(_status.CODES) - {"UNIMPLEMENTED"} <= answered
