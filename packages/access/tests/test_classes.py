"""Every RPC has one class, and every request a domain or a reason to have none."""

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor

from angzarr import rpc
from angzarr.dead_letter_pb2 import ReplayDeadLettersRequest
from angzarr.link_pb2 import LinkCalls
from angzarr.types_pb2 import Cover, GetDescriptorRequest, Query
from angzarr_access import CLASSES, Class
from angzarr_access._domains import _DOMAIN_AT, domain_of

METHODS = [it for methods in rpc.SERVICES.values() for it in methods]
REQUESTS = {it.request.DESCRIPTOR.full_name: it.request for it in METHODS}
HEALTH = {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"}
# What names things by id, several at once, components, or nothing at all.
WITHOUT_DOMAIN = {
    "angzarr.BeginRebuildRequest",
    "angzarr.CreateEditionRequest",
    "angzarr.DeleteEditionRequest",
    "angzarr.DiscardDeadLettersRequest",
    "angzarr.GetDeadLetterRequest",
    "angzarr.GetDescriptorRequest",
    "angzarr.LinkCalls",
    "angzarr.ListEditionsRequest",
    "angzarr.ListTimersRequest",
    "angzarr.RebuildRequest",
    "angzarr.SetPausedRequest",
    "angzarr.ReplayDeadLettersRequest",
    "google.protobuf.Empty",
}


@pytest.mark.parametrize("path", [it.path for it in METHODS])
def test_every_rpc_has_a_class(path: str) -> None:
    """One that is new needs one before anybody can call it."""
    assert path in CLASSES


def test_no_class_is_of_an_rpc_that_does_not_exist() -> None:
    """What is gone leaves nothing behind, and health is open."""
    assert set(CLASSES) - {it.path for it in METHODS} == HEALTH
    assert {path for path, kind in CLASSES.items() if kind is Class.OPEN} == HEALTH


def fields_on(path: str, kind: Descriptor) -> Iterator[int]:
    """Yield the type of each field on a path below a message."""
    for name in path.split("."):
        field = kind.fields_by_name[name]
        yield field.type
        kind = field.message_type


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_every_request_says_its_domain(name: str) -> None:
    """The path to its domain exists, or it is known to have none."""
    if name in WITHOUT_DOMAIN:
        assert name not in _DOMAIN_AT
    else:
        *messages, text = fields_on(_DOMAIN_AT[name], REQUESTS[name].DESCRIPTOR)
        assert (set(messages) <= {11}, text) == (True, 9)


def test_a_domain_is_read_from_a_request() -> None:
    """A request without a domain is about all of them; one of no domain about none."""
    assert domain_of(Query(cover=Cover(domain="order"))) == "order"
    assert domain_of(Query()) == "*"
    assert domain_of(ReplayDeadLettersRequest(ids=["a"])) == "*"
    assert domain_of(GetDescriptorRequest()) == ""
    assert domain_of(LinkCalls()) == ""
