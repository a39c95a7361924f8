"""The kit guards itself."""

import pytest

from angzarr_discovery_conformance import DiscoveryContract


def test_a_contract_test_cannot_be_replaced() -> None:
    """Overriding an inherited test is an error when the class is made."""
    with pytest.raises(TypeError, match="test_components_come_by_name"):
        type("Quiet", (DiscoveryContract,), {"test_components_come_by_name": lambda _self: None})
