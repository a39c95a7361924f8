"""What is answered when nobody can be asked what would happen (contract.md §4.10)."""

from typing import Any

import pytest

from .foreign import Client, message_class, refused

NAMES = {
    "Projector": ("projector_name", "events", "SpeculateProjectorRequest must have events"),
    "Saga": ("saga_name", "source", "SpeculateSagaRequest must have a source"),
    "ProcessManager": ("pm_name", "trigger", "SpeculatePmRequest must have a trigger"),
}
UNKNOWN = {
    "Projector": "Projector 'nobody' not found",
    "Saga": "Saga 'nobody' not found",
    "ProcessManager": "Process manager 'nobody' not found",
}

each_kind = pytest.mark.parametrize("kind", sorted(NAMES))


def request(kind: str, name: str = "", *, filled: bool = True) -> Any:
    """Return a request for a component."""
    field, book, _ = NAMES[kind]
    short = "Pm" if kind == "ProcessManager" else kind
    made = message_class(f"Speculate{short}Request")(**{field: name})
    if filled:
        getattr(made, book).cover.domain = "order"
    return made


@each_kind
async def test_a_book_must_be_given(client: Client, kind: str) -> None:
    """Each kind has its exact text."""
    asked = request(kind, "any", filled=False)

    found = await refused(client.call(f"SpeculativeService/Speculate{kind}", asked))

    assert (found.code, found.text) == ("INVALID_ARGUMENT", NAMES[kind][2])


@each_kind
async def test_an_unknown_component_is_not_found(client: Client, kind: str) -> None:
    """By the name it was asked for."""
    asked = request(kind, "nobody")

    found = await refused(client.call(f"SpeculativeService/Speculate{kind}", asked))

    assert (found.code, found.text) == ("NOT_FOUND", UNKNOWN[kind])
    assert (found.reason, found.metadata["component"]) == ("UNKNOWN_COMPONENT", "nobody")
