"""JSON as people give it: what could mean two things, or nothing, is refused (security.md C10)."""

import json
import re
from typing import Any, NoReturn

DEEPEST = 64

_IRRELEVANT = re.compile(r'"(?:[^"\\]|\\.)*"|[^][{}"]+', re.DOTALL)


def parsed(text: str) -> dict[str, Any]:
    """Return what the text says.

    Raises:
        ValueError: it is no JSON object, too deep, or holds NaN, Infinity or a key twice.
    """
    depth = deepest = 0
    for bracket in _IRRELEVANT.sub("", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    if not isinstance(found, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - one error for every wrong text
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{twice}" is there twice')
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
