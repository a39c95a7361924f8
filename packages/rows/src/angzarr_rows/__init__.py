"""Rows of tables as values of the contract, and back; how many of them are an answer."""

from angzarr_rows._branches import edition_of, fork_of, fork_values
from angzarr_rows._changes import change_statements, key_values, letter_values
from angzarr_rows._reads import fitting, whole_appends
from angzarr_rows._rows import (
    Row,
    command_of,
    command_row,
    event_of,
    event_row,
    filed_of,
    letter_of,
    reaction_of,
    timer_of,
)

__all__ = [
    "Row",
    "change_statements",
    "command_of",
    "command_row",
    "edition_of",
    "event_of",
    "event_row",
    "filed_of",
    "fitting",
    "fork_of",
    "fork_values",
    "key_values",
    "letter_of",
    "letter_values",
    "reaction_of",
    "timer_of",
    "whole_appends",
]
