"""Errors say what is wrong."""

from angzarr_discovery import DiscoveryUnavailableError, NoRouteError


def test_a_missing_route_names_the_known_domains() -> None:
    """The sentence can be acted on."""
    error = NoRouteError("oder", ("inventory", "order"))

    assert str(error) == 'no component serves domain "oder"; known: inventory, order.'


def test_an_unreadable_source_is_named() -> None:
    """The sentence names the source and the reason."""
    assert "static" in str(DiscoveryUnavailableError("static", "it is empty"))
