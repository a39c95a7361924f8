"""The account of a pod."""

from pathlib import Path

import pytest

from .api_server import Account


@pytest.fixture
def account(tmp_path: Path) -> Account:
    """Return one that its API server accepts."""
    return Account(tmp_path)
