"""Whatever foreign logic and clients may do has a test (contract.md §5)."""

from collections.abc import Callable

import pytest

AGGREGATE, PROJECTOR = "packages/coordinator-aggregate", "packages/coordinator-projector"
GATEWAY, KIT = "packages/gateway", "packages/logic-conformance"

FOREIGN = {
    "descriptor fails, hangs": (KIT, "a_descriptor_is_not_needed"),
    "neither inputs nor descriptor": (KIT, "without_inputs_it_refuses_to_start"),
    "descriptor without types": (KIT, "a_descriptor_without_types_means_all"),
    "no reflection, no link": (KIT, "a_descriptor_is_not_needed"),
    "health": (KIT, "health_is_what_logic_has_of_it"),
    "counts its pages": (KIT, "logic_may_count_the_pages_it_got"),
    "history": (AGGREGATE, "full_history_shows_every_event"),
    "wrong numbers": (KIT, "wrong_numbers_are_refused"),
    "numbering": (KIT, "wrong_numbers_are_assigned"),
    "left out": (KIT, "what_logic_leaves_out_is_filled_in"),
    "unset result": (KIT, "an_answer_without_a_result_is_no_event"),
    "edition and correlation of commands": (KIT, "what_it_says_of_itself_is_replaced"),
    "sequence 0": (KIT, "its_commands_need_no_sequence"),
    "acts on every page": (KIT, "it_is_shown_each_event_alone_and_once"),
    "saga_events": (KIT, "events_that_it_returns_are_no_events"),
    "trigger": (KIT, "it_may_read_the_past_in_its_trigger"),
    "timeouts": (KIT, "it_may_have_no_timers"),
    "payload is not protobuf": (KIT, "a_payload_may_be_anything"),
    "projector_service": (KIT, "it_serves_one_of_two_services"),
    "projector fails": (KIT, "its_failures_stop_their_root_only"),
    "UNKNOWN to a client": (KIT, "an_exception_of_logic_passes"),
    "UNKNOWN to a subscriber": (KIT, "its_exceptions_are_tried_again_and_parked"),
    "repeated delivery": (KIT, "a_repeated_delivery_is_answered_as_the_first"),
    "type_match": (KIT, "a_type_may_be_the_ending_of_a_name"),
    "projector and editions": (PROJECTOR, "other_editions_are_not_shown"),
    "no command id": (KIT, "without_an_id_the_sequence_protects"),
    "no correlation id": (KIT, "a_correlation_id_is_derived"),
    "knows nothing above 99": (GATEWAY, "a_root_is_returned_whole"),
    "counts the pages of a book": (KIT, "the_pages_of_a_book_are_its_next_sequence"),
    "foreign coordinator: HandleSync": (
        PROJECTOR,
        "a_foreign_coordinator_gets_the_projection_of_the_last_page",
    ),
    "foreign coordinator: origin": (KIT, "a_foreign_coordinator_may_send_an_origin"),
    "details as a bare EventBook": (KIT, "details_that_are_read_wrongly_do_no_harm"),
    "address from the environment": (
        "packages/settings",
        "logic_listens_where_the_environment_says",
    ),
}


@pytest.mark.parametrize(("place", "test"), FOREIGN.values(), ids=FOREIGN)
def test_a_tolerance_is_tested(
    place: str, test: str, names_below: Callable[[str], frozenset[str]]
) -> None:
    """Each row of contract.md §5 names a test that exists."""
    assert f"test_{test}" in names_below(place)
