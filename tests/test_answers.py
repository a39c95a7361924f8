"""Every text that the contract promises is expected, whole, by a test of who says it (§3, §4)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLANK = "<>"

GATEWAY, AGGREGATE = "packages/gateway", "packages/coordinator-aggregate"
SAGA, PROJECTOR = "packages/coordinator-saga", "packages/coordinator-projector"
MANAGER, LETTERS = "packages/coordinator-process-manager", "packages/deadletter"
SERVICE, ACCEPTANCE = "packages/service", "tests/acceptance"
TEXTS = {
    "3.1": {"Invalid UUID: expected 16 bytes, got <>": GATEWAY},
    "3.3": {
        "command_id and idempotency-key differ": GATEWAY,
        "Command id <> was already used for a different command": GATEWAY,
    },
    "3.5": {
        "Invalid domain: <>": GATEWAY,
        "Domain <> is reserved": GATEWAY,
        "Invalid edition name: <>": GATEWAY,
        "Invalid timer type: <>": MANAGER,
    },
    "4.0": {
        "Deadline exceeded; nothing was stored": SERVICE,
        "Outcome unknown; retry with the same command_id": GATEWAY,
        "<> of <> bytes exceeds the limit of <> bytes": SERVICE,
        "Too many requests in flight": SERVICE,
        "Not ready: <>": SERVICE,
        "Coordinator of domain <> is fenced: epoch <> is superseded": SERVICE,
        "Internal error <>incident <>": SERVICE,
    },
    "4.1": {
        "CommandBook must have a cover": GATEWAY,
        "Cover must have a domain": GATEWAY,
        "Cover must have a root UUID": GATEWAY,
        "CommandBook must have exactly one page, got <>": GATEWAY,
        "CommandPage must have a command": GATEWAY,
        "No handler registered for domain: <>": GATEWAY,
        "Failed to load events: <>": GATEWAY,
        "Stored event <>:<>:<> is damaged": GATEWAY,
        "Sequence mismatch: command expects <>, aggregate at <>": GATEWAY,
        "Business logic for <> is unavailable": GATEWAY,
        "Business logic for <> did not answer in <> ms": GATEWAY,
        "Business logic failed <>incident <>": AGGREGATE,
        "Command revoked: <>": GATEWAY,
        "Business reply of <> is invalid: <>": GATEWAY,
        "page <> has sequence <>, expected <>": GATEWAY,
        "Sequence conflict: expected <>, got <>": GATEWAY,
        "Failed to persist events: <>": GATEWAY,
        "Store is full": GATEWAY,
    },
    "4.2": {
        "SyncCommandBook must have a command": AGGREGATE,
        "Unknown sync mode: <>": AGGREGATE,
    },
    "4.3": {
        "DryRunRequest must have a command": GATEWAY,
        "DryRun requires either as_of_sequence or as_of_timestamp": GATEWAY,
    },
    "4.4": {
        "Query must have a cover with domain/root or correlation_id": GATEWAY,
        "Query must have a root UUID or correlation_id": GATEWAY,
        "TemporalQuery must specify as_of_time or as_of_sequence": GATEWAY,
        "No service registered for domain: <>": GATEWAY,
        "No queries provided": GATEWAY,
        "Service for domain <> is unavailable": GATEWAY,
    },
    "4.5": {"No aggregate registered for domain: <>": SAGA},
    "4.8": {
        "Parked as <>": PROJECTOR,
        "Projector <> does not subscribe to domain: <>": PROJECTOR,
        "SyncEventBook must have events": PROJECTOR,
    },
    "4.9": {
        "correlation_id is required for event stream subscription": GATEWAY,
        "after_position requires a domain": "packages/proto",
        "root requires a domain": "packages/proto",
        "Stream closed; resume with after_position": GATEWAY,
        "Event stream unavailable: <>": GATEWAY,
    },
    "4.10": {
        "SpeculateProjectorRequest must have events": GATEWAY,
        "SpeculateSagaRequest must have a source": GATEWAY,
        "SpeculatePmRequest must have a trigger": GATEWAY,
        "Projector '<>' not found": GATEWAY,
        "Saga '<>' not found": GATEWAY,
        "Process manager '<>' not found": GATEWAY,
        "Projector '<>' does not support speculation": ACCEPTANCE,
    },
    "4.11": {
        "Edition <> diverges from <> at <>, not <>": GATEWAY,
        "Edition already exists: <>": GATEWAY,
        "Edition name <> is the main timeline": GATEWAY,
        "The main timeline cannot be deleted": GATEWAY,
        "No edition: <>": GATEWAY,
        "Edition <> was deleted": GATEWAY,
    },
    "4.12": {"Upcaster failed: <>": AGGREGATE},
    "4.13": {
        "Position <> is past head <> of domain <>": GATEWAY,
        "Log of domain <> differs at position <>": GATEWAY,
    },
    "4.14": {
        "No dead letter: <>": LETTERS,
        "Give either ids or a selection": LETTERS,
        "<> letters match, expected <>": LETTERS,
        "Dead letter <> waits for <>": LETTERS,
        "Dead letter <> is already <>": LETTERS,
        "Discard needs a note": LETTERS,
    },
    "4.16": {
        "No component: <>": SAGA,
        "<> does not subscribe to domain: <>": SAGA,
    },
}
EVERY = [(section, text, place) for section, of in TEXTS.items() for text, place in of.items()]


@cache
def said_in(place: str) -> tuple[str, ...]:
    """Return the texts in the Python files below a directory, BLANK where a value is filled in."""
    return tuple(text for file in (ROOT / place).rglob("*.py") for text in _texts(file))


def _texts(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(it.value) if isinstance(it, ast.Constant) else BLANK for it in node.values
            )


def is_said(text: str, place: str) -> bool:
    """Say whether the fixed parts of a text stand in one text below a directory, in order."""
    return any(_follows(text, found) for found in said_in(place))


def _follows(text: str, found: str) -> bool:
    at = 0
    for part in text.split(BLANK):
        at = found.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


@pytest.mark.parametrize(
    ("text", "place"), [it[1:] for it in EVERY], ids=["{} | {} | {}".format(*it) for it in EVERY]
)
def test_a_text_is_expected_by_a_test(text: str, place: str) -> None:
    """Who answers with it has a test that says the whole of it."""
    assert is_said(text, f"{place}/tests" if place.startswith("packages") else place)
