"""The kit guards itself."""

import pytest

from angzarr_store_conformance import LedgerContract


def test_a_contract_test_cannot_be_replaced() -> None:
    """Overriding an inherited test is an error when the class is made."""
    with pytest.raises(TypeError, match="test_an_old_lease_is_fenced"):
        type("Quiet", (LedgerContract,), {"test_an_old_lease_is_fenced": lambda _self: None})
