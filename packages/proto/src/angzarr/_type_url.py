"""Names in the type URL of an Any (contract.md §3.4)."""

DEFAULT_PREFIX = "type.googleapis.com/"
FRAMEWORK_PREFIX = "type.angzarr/"


def type_name(type_url: str) -> str:
    """Return the full name: the text after the last slash, or all of it."""
    return type_url.rpartition("/")[2]


def type_matches(pattern: str, type_url: str, *, anywhere: bool = False) -> bool:
    """Say whether a pattern names the type: wholly, or from a dot on; `anywhere`: its ending."""
    name, wanted = type_name(type_url), type_name(pattern)
    return name == wanted or name.endswith(wanted if anywhere else "." + wanted)
