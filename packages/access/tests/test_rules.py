"""An identity may what its rules say, and nothing else."""

import pytest

from angzarr import rpc
from angzarr.types_pb2 import Cover, Query
from angzarr_access import CLASSES, Class, Rule, Rules

READ = rpc.EventQuery.GetEventBook.path
ORDER, STOCK = (Query(cover=Cover(domain=it)) for it in ("order", "stock"))


def rule(identity: str, domain: str, *classes: Class) -> Rule:
    """Return a rule for one domain."""
    return Rule(identity=identity, domains=frozenset([domain]), classes=frozenset(classes))


@pytest.mark.parametrize("kind", Class)
def test_a_class_is_no_other(kind: Class) -> None:
    """Whoever has one class may call the RPCs of it and what is open."""
    rules = Rules([rule("saga", "order", kind)])

    allowed = {path for path in CLASSES if not rules.lacking("saga", path, ORDER)}

    assert allowed == {path for path, it in CLASSES.items() if it in {kind, Class.OPEN}}


@pytest.mark.parametrize("path", CLASSES)
def test_nobody_may_anything_without_a_rule(path: str) -> None:
    """Neither no rules nor those of others let anybody in."""
    others = Rules([rule("saga", "*", *Class)])
    kind = CLASSES[path]

    wanted = "" if kind is Class.OPEN else f"class {kind} on domain order"
    assert Rules(()).lacking("saga", path, ORDER) == wanted
    assert others.lacking("saga2", path, ORDER) == wanted
    assert others.lacking("saga", path, ORDER) == ""


def test_a_domain_is_no_other() -> None:
    """A rule for one domain is none for another, nor for requests that name none."""
    rules = Rules([rule("saga", "order", Class.READ)])

    assert rules.lacking("saga", READ, ORDER) == ""
    assert rules.lacking("saga", READ, STOCK) == "class read on domain stock"
    assert rules.lacking("saga", READ, Query()) == "class read on every domain"


def test_rules_are_not_mixed() -> None:
    """The class of one rule and the domain of another make no right."""
    rules = Rules([rule("saga", "order", Class.COMPONENT), rule("saga", "stock", Class.READ)])

    assert rules.lacking("saga", READ, STOCK) == ""
    assert rules.lacking("saga", READ, ORDER) == "class read on domain order"


def test_before_a_request_any_domain_will_do() -> None:
    """A stream is opened by whoever may ask something in it."""
    rules = Rules([rule("saga", "order", Class.READ)])

    assert rules.lacking("saga", rpc.EventQuery.Synchronize.path, None) == ""
    assert rules.lacking("saga", rpc.CoordinatorLink.Open.path, None) == "class component"


def test_an_rpc_without_a_class_is_nobodys() -> None:
    """What is not in the table cannot be called by any rule."""
    rules = Rules([rule("saga", "*", *Class)])

    assert rules.lacking("saga", "/angzarr.New/Thing", ORDER) == "any class"
