"""Rows of the tables of a relational store as values of the contract, and back."""

from angzarr_rows._changes import change_statements, key_values, letter_values
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
    "event_of",
    "event_row",
    "filed_of",
    "key_values",
    "letter_of",
    "letter_values",
    "reaction_of",
    "timer_of",
]
