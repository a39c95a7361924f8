"""A name means exactly one installed implementation."""

from pathlib import Path

import pytest

from angzarr_bus import Bus
from angzarr_bus_channel import ChannelBus
from angzarr_plugins import PluginError, plugin


def test_a_name_means_its_implementation() -> None:
    """The class behind the entry point is returned."""
    assert plugin("angzarr.bus", "channel", Bus) is ChannelBus


def test_a_missing_one_names_what_is_installed_and_the_fix() -> None:
    """The sentence can be acted on."""
    with pytest.raises(PluginError) as caught:
        plugin("angzarr.bus", "nats", Bus)

    assert caught.value.what.startswith('bus "nats" is not installed; installed: channel')
    assert str(caught.value).endswith("next: uv add angzarr-bus-nats")


def test_something_else_is_refused() -> None:
    """What does not implement the contract is not returned."""
    with pytest.raises(PluginError, match="is no ChannelBus"):
        plugin("pytest11", "asyncio", ChannelBus)


def test_two_under_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody guesses which one is meant; the sentence names the owners of the name."""
    for owner in ("one", "other"):
        place = tmp_path / f"{owner}-1.0.dist-info"
        place.mkdir()
        (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {owner}\nVersion: 1.0\n")
        (place / "entry_points.txt").write_text(
            "[angzarr.bus]\ntwin = angzarr_bus_channel:ChannelBus\n"
        )
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(PluginError) as caught:
        plugin("angzarr.bus", "twin", Bus)

    assert caught.value.what == 'bus "twin" is installed by one, other.'
    assert caught.value.fix == "Remove all but one."
