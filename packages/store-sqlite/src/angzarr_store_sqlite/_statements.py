"""The SQL of this store: one statement per file, read once."""

from importlib import resources

LAYOUT = 4

_FILES = resources.files("angzarr_store_sqlite") / "sql"

STATEMENTS = {
    file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
    for file in sorted(_FILES.iterdir(), key=lambda file: file.name)
}
TABLES = tuple(
    text for name, text in STATEMENTS.items() if name.startswith("create_") and "TABLE" in text
)
GUARDS = tuple(
    text for name, text in STATEMENTS.items() if name.startswith("create_") and "TABLE" not in text
)
# What other databases keep as a function of theirs.
PROCEDURES = {
    "delete_edition": (
        "update_edition_deleted",
        "update_edition_events",
        "delete_edition_snapshots",
        "delete_edition_divergences",
        "delete_edition_timers",
    )
}
