"""Exit codes and errors as sentences."""

import json
from typing import Any

import pytest

from angzarr_terminal._exit import CODES, CliError, errors_as_exit_codes
from angzarr_terminal._output import Format, items, table


@pytest.mark.parametrize(
    ("name", "exit_code"),
    [
        ("OK", 0),
        ("INTERNAL", 1),
        ("UNKNOWN", 1),
        ("DATA_LOSS", 1),
        ("UNIMPLEMENTED", 1),
        ("NOT_FOUND", 3),
        ("INVALID_ARGUMENT", 4),
        ("FAILED_PRECONDITION", 4),
        ("OUT_OF_RANGE", 4),
        ("ABORTED", 5),
        ("ALREADY_EXISTS", 5),
        ("UNAVAILABLE", 6),
        ("RESOURCE_EXHAUSTED", 6),
        ("DEADLINE_EXCEEDED", 7),
        ("CANCELLED", 7),
        ("PERMISSION_DENIED", 8),
        ("UNAUTHENTICATED", 8),
    ],
)
def test_every_status_has_its_exit_code(name: str, exit_code: int) -> None:
    """The table of experience.md §5."""
    assert dict(CODES.values())[name] == exit_code


def raised(error: BaseException, form: Format = Format.TABLE) -> int:
    """Return the exit code of a command that raises."""
    with pytest.raises(SystemExit) as caught, errors_as_exit_codes(form, debug=False):
        raise error
    return int(str(caught.value.code))


def test_a_refusal_is_a_sentence_and_the_next_step(capsys: Any) -> None:
    """Everything goes to standard error."""
    error = CliError.of_status(9, "Cancellation reason is required", "angzarr state order/7f3a")

    assert raised(error) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "refused   FAILED_PRECONDITION",
        "  Cancellation reason is required",
        "next: angzarr state order/7f3a",
    ]


def test_a_refusal_for_programs_is_one_object(capsys: Any) -> None:
    """With -o json the error has schema, exit, code, message and next."""
    raised(CliError.of_status(5, "no"), Format.JSON)

    assert json.loads(capsys.readouterr().err) == {
        "schema": "angzarr.cli.error/1",
        "exit": 3,
        "code": "NOT_FOUND",
        "message": "no",
        "next": None,
        "details": {},
    }


def test_an_error_of_a_task_is_shown_like_any_other() -> None:
    """Groups of errors are unpacked."""
    inner = CliError.of_status(14, "failed to connect to all addresses")

    assert raised(ExceptionGroup("x", [ExceptionGroup("y", [inner])])) == 6
    assert raised(KeyboardInterrupt()) == 130


def test_a_bug_and_debug_show_the_traceback() -> None:
    """What is no CliError is not hidden; --debug hides nothing."""
    with pytest.raises(ValueError, match="bug"), errors_as_exit_codes(Format.TABLE, debug=False):
        raise ValueError("bug")
    with pytest.raises(CliError), errors_as_exit_codes(Format.TABLE, debug=True):
        raise CliError(2, "x")


def test_data_is_undecorated_where_nobody_reads_it(capsys: Any) -> None:
    """Not to a terminal: tab-separated rows; JSON as one document or one line per object."""
    table(("A", "B"), [(1, "x"), (2, "y")])
    items("thing", Format.JSON, [{"a": 1}])
    items("thing", Format.JSONL, [{"a": 1}, {"a": 2}])

    assert capsys.readouterr().out.splitlines() == [
        "1\tx",
        "2\ty",
        '{"schema": "angzarr.cli.thing/1", "items": [{"a": 1}]}',
        '{"a": 1}',
        '{"a": 2}',
    ]
