"""What a command is before anything happens to it (contract.md §4.1, steps 1, 3, 4)."""

from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr import MAIN
from angzarr.types_pb2 import CommandBook
from angzarr_admission import Admission
from angzarr_service import RequestError
from angzarr_settings import load

ROOT = bytes(range(16))


def command(domain: str = "order", text: str = "x") -> CommandBook:
    """Return a command without an identity."""
    return CommandBook.to(domain, ROOT, StringValue(value=text))


def call(key: str = "") -> Any:
    """Return what admission reads of a call."""
    return SimpleNamespace(idempotency_key=key)


def admission(*flags: str, passed_on: bool = False) -> Admission:
    """Return the admission of a process with these settings."""
    return Admission.of(load(list(flags), {}), passed_on=passed_on)


def test_what_is_missing_is_filled_in() -> None:
    """The timeline, the workflow and the id; equal commands are of equal workflows."""
    books = [command(), command()]
    for book in books:
        admission().admit(book, call("key-1"))

    assert [it.cover.edition.name for it in books] == [MAIN, MAIN]
    assert len({it.cover.correlation_id for it in books} - {""}) == 1
    assert [it.command_id for it in books] == ["key-1", "key-1"]


def test_a_workflow_is_derived_unless_that_is_turned_off() -> None:
    """The id stays empty then."""
    book = command()
    admission("--component.derive_correlation=false").admit(book, call())

    assert book.cover.correlation_id == ""


def test_two_ids_must_be_the_same() -> None:
    """The field and the metadata mean one thing."""
    book = command()
    book.command_id = "key-1"
    admission().admit(book, call("key-1"))

    with pytest.raises(RequestError, match="command_id and idempotency-key differ"):
        admission().admit(book, call("key-2"))


def test_a_reserved_domain_takes_commands_of_its_owner_only() -> None:
    """Its owner is told by its settings."""
    with pytest.raises(RequestError, match=r"Domain angzarr\.saga-failures is reserved"):
        admission().admit(command("angzarr.saga-failures"), call())

    owner = admission("--component.domain=angzarr.saga-failures", passed_on=True)
    owner.admit(command("angzarr.saga-failures"), call())


def test_a_command_may_grow_by_its_identity_only() -> None:
    """What the gateway has filled in does not make it too large behind the gateway."""
    book = command(text="x" * 900)
    limit = f"--limits.command_bytes={book.ByteSize()}"
    admission(limit).admit(book, call("k" * 100))

    with pytest.raises(RequestError, match="CommandBook"):
        admission(limit).admit(book, call())
    admission(limit, passed_on=True).admit(book, call())
