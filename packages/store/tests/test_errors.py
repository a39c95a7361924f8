"""Errors of the store carry what a caller needs."""

import angzarr_store as store


def test_each_error_says_what_it_knows() -> None:
    """The sentences of the wire contract are made from the attributes."""
    texts = [
        str(store.ConflictError(3, 5)),
        str(store.FencedError("Coordinator of domain order", 4)),
        str(store.PositionPastHeadError("order", 9, 4)),
        str(store.LogMismatchError("order", 9)),
        str(store.DamagedError("order", bytes(2), 7)),
        str(store.RefusedError("synchronous", "1", "set it to 2")),
        str(store.UnknownOutcomeError("c")),
    ]

    assert texts == [
        "expected 3, got 5",
        "Coordinator of domain order is fenced: epoch 4 is superseded",
        "Position 9 is past head 4 of domain order",
        "Log of domain order differs at position 9",
        "Stored event order:0000:7 is damaged",
        "synchronous is 1; set it to 2",
        "Outcome unknown; retry with the same command_id",
    ]
