"""One line of the access file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from angzarr_access._classes import Class
from angzarr_access._domains import EVERY

_NAME = re.compile(r"[a-z0-9_][a-z0-9_.=-]*")
_KEYS = {"identity", "domains", "classes"}


class RuleError(Exception):
    """A rule says something that cannot be meant; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a component may call: classes of RPCs, on domains, of which "*" is every one."""

    identity: str
    domains: frozenset[str]
    classes: frozenset[Class]

    @staticmethod
    def of(plain: Any) -> "Rule":  # noqa: ANN401 - whatever stands in the file
        """Return the rule that plain values say.

        Raises:
            RuleError: a key is missing or unknown, or a name or class is none.
        """
        if not isinstance(plain, dict) or set(plain) != _KEYS:
            raise RuleError(f"{plain!r} is not {{identity, domains, classes}}")
        for key in ("domains", "classes"):
            if not isinstance(plain[key], list) or not plain[key]:
                raise RuleError(f"{key} is {plain[key]!r}, not a list of names")
        unknown = [it for it in plain["classes"] if it not in tuple(Class)]
        if unknown:
            raise RuleError(f"{unknown[0]!r} is none of the classes {', '.join(Class)}")
        _check_names([plain["identity"], *(it for it in plain["domains"] if it != EVERY)])
        return Rule(
            identity=plain["identity"],
            domains=frozenset(plain["domains"]),
            classes=frozenset(map(Class, plain["classes"])),
        )

    def covers(self, domain: str) -> bool:
        """Say whether it is about a domain: a name, "*" for all, "" for none in particular."""
        return not domain or EVERY in self.domains or domain in self.domains


def _check_names(names: Iterable[object]) -> None:
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise RuleError(f"{name!r} is no name")
