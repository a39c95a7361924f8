"""What is allowed: the sum of the rules, and nothing else."""

from collections.abc import Iterable

from google.protobuf.message import Message
from typing_extensions import override

from angzarr_access._classes import CLASSES, Class
from angzarr_access._domains import EVERY, domain_of
from angzarr_access._rule import Rule
from angzarr_ports import Access


class Rules(Access):
    """The rules of now; an RPC without a class is nobody's."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.replace(rules)

    def replace(self, rules: Iterable[Rule]) -> None:
        """Follow other rules from the next call on."""
        by_identity: dict[str, list[Rule]] = {}
        for rule in rules:
            by_identity.setdefault(rule.identity, []).append(rule)
        self._rules = by_identity

    @override
    def lacking(self, identity: str, path: str, request: Message | None) -> str:
        wanted = CLASSES.get(path)
        if wanted is Class.OPEN:
            return ""
        if wanted is None:
            return "any class"
        domain = domain_of(request) if request is not None else ""
        for rule in self._rules.get(identity, ()):
            if wanted in rule.classes and rule.covers(domain):
                return ""
        where = {"": "", EVERY: " on every domain"}.get(domain, f" on domain {domain}")
        return f"class {wanted}{where}"
