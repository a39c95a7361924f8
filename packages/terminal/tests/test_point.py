"""A point in time as people write it."""

import pytest

from angzarr_terminal import CliError, point_of


def test_a_number_is_a_sequence() -> None:
    """From 0 on."""
    point = point_of("0")

    assert point is not None
    assert (point.WhichOneof("point_in_time"), point.as_of_sequence) == ("as_of_sequence", 0)
    assert point_of("") is None


@pytest.mark.parametrize("text", ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00"])
def test_a_time_has_an_offset(text: str) -> None:
    """RFC 3339."""
    point = point_of(text)

    assert point is not None
    assert point.as_of_time.ToJsonString() == "2026-01-31T12:00:00Z"


@pytest.mark.parametrize(
    "text", ["-1", "x", "4294967296", "2026-01-31", "²", "2026-01-31T12:00:00"]
)
def test_anything_else_is_a_mistake(text: str) -> None:
    """The sentence says what is right."""
    with pytest.raises(CliError) as caught:
        point_of(text)

    right = "is neither a sequence nor a time such as 2026-01-31T12:00:00Z."
    assert (caught.value.exit_code, caught.value.message) == (2, f'"{text}" {right}')
