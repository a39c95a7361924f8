"""The SQL of this store: one statement per file, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

LAYOUT = 1
NAMED = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with numbered parameters, and the names of those that it was written with."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Statement":
        """Number the named parameters of a statement in the order in which they first appear."""
        names = tuple(dict.fromkeys(NAMED.findall(text)))
        numbered = NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", text)
        return cls(numbered, names)

    def values(self, given: Mapping[str, object]) -> list[object]:
        """Return the parameters in their order."""
        return [given[name] for name in self.names]


_FILES = resources.files("angzarr_store_postgres") / "sql"

STATEMENTS = {
    file.name.removesuffix(".sql"): Statement.of(file.read_text(encoding="utf-8"))
    for file in sorted(_FILES.iterdir(), key=lambda file: file.name)
}
TABLES = tuple(
    name for name, it in STATEMENTS.items() if name.startswith("create_") and " TABLE " in it.text
)
GUARDS = tuple(name for name in STATEMENTS if name.startswith("create_") and name not in TABLES)
