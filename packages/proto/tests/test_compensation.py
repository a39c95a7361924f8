"""The books that lead back from a refused command (contract.md §3.1, §3.4, §4.6)."""

from datetime import UTC, datetime

from google.protobuf.wrappers_pb2 import StringValue

from angzarr import FAILURE_DOMAIN
from angzarr.types_pb2 import (
    CommandBook,
    Cover,
    RevocationResponse,
    RevokeEventCommand,
    SagaCompensationFailed,
)

ROOT = bytes(range(16))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def rejected() -> CommandBook:
    """Return the command of the test vectors in contract.md §3.1."""
    book = CommandBook.to("inventory", bytes(16), StringValue(value="reserve"))
    book.command_id = "4c2c11d5-ef04-5820-82c3-860c2e83f943"
    book.saga_origin.saga_name = "saga-order-inventory"
    book.saga_origin.triggering_event_sequence = 3
    source = Cover().address("order", ROOT, correlation="c-1", edition="what-if")
    book.saga_origin.triggering_aggregate.CopyFrom(source)
    return book


def test_a_revocation_goes_to_the_source() -> None:
    """Its cover is the source's, its id is derived, its origin that of the rejected command."""
    book = rejected().revocation("no stock")

    revoke = RevokeEventCommand()
    assert book.pages[0].command.Unpack(revoke)
    assert book.fault() is None
    assert book.is_revocation
    assert not rejected().is_revocation
    assert book.cover == book.saga_origin.triggering_aggregate == rejected().revocation("").cover
    assert book.command_id == "050f3a5b-ec1b-5392-b51a-39a0e9c226a7"
    assert book.pages[0].sequence == 0
    assert book.pages[0].command.type_url == "type.angzarr/angzarr.RevokeEventCommand"
    assert (revoke.saga_name, revoke.triggering_event_sequence) == ("saga-order-inventory", 3)
    assert (revoke.rejection_reason, revoke.rejected_command) == ("no stock", rejected())


def test_a_failure_is_recorded_under_ids_of_its_own() -> None:
    """One root per rejected command, on the timeline and in the workflow of the source."""
    revoke = RevokeEventCommand()
    assert rejected().revocation("no stock").pages[0].command.Unpack(revoke)

    book = revoke.failure("nobody listens", NOW)

    failed = SagaCompensationFailed()
    assert book.pages[0].command.Unpack(failed)
    assert book.fault() is None
    assert book.cover.domain == FAILURE_DOMAIN == "angzarr.saga-failures"
    assert str(book.cover.root.uuid) == "3cf9990a-e158-5ef5-88ab-c5158110766b"
    assert (book.cover.correlation_id, book.cover.edition_name) == ("c-1", "what-if")
    assert book.command_id == "bdde5ad2-033e-5f51-851e-fcbfdf4822f8"
    assert book.pages[0].command.type_url == "type.angzarr/angzarr.SagaCompensationFailed"
    assert failed.triggering_aggregate == rejected().saga_origin.triggering_aggregate
    assert (failed.saga_name, failed.triggering_event_sequence) == ("saga-order-inventory", 3)
    assert (failed.rejection_reason, failed.compensation_failure_reason) == (
        "no stock",
        "nobody listens",
    )
    assert failed.rejected_command == rejected()
    assert failed.occurred_at.ToDatetime(UTC) == NOW


def test_a_revocation_survives_its_way_as_metadata() -> None:
    """The four flags and the reason come back; what is missing asks for nothing."""
    told = RevocationResponse(abort=True, escalate=True, reason="gone")

    assert RevocationResponse.of(told.metadata) == told
    assert RevocationResponse.of({}) == RevocationResponse()
