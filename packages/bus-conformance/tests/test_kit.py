"""The kit guards itself."""

import pytest

from angzarr_bus_conformance import BusContract


def test_a_contract_test_cannot_be_replaced() -> None:
    """Overriding an inherited test is an error when the class is made."""
    with pytest.raises(TypeError, match="test_a_wake_names_the_head"):
        type("Quiet", (BusContract,), {"test_a_wake_names_the_head": lambda _self: None})
