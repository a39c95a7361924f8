"""Old events in their newest form, by functions from one version to the next."""

from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import (
    BoolValue,
    Int32Value,
    Int64Value,
    StringValue,
    UInt32Value,
    UInt64Value,
)

from angzarr.types_pb2 import EventPage
from angzarr.upcaster_pb2 import UpcastRequest
from angzarr_client import UpcastRouter
from angzarr_client._upcast import successions
from angzarr_service import CallError


def widen(old: Int32Value) -> Int64Value:
    """Take the old number for the new one."""
    return Int64Value(value=old.value)


def spell(old: Int64Value) -> StringValue:
    """Write the number as a text."""
    return StringValue(value=str(old.value))


@pytest.fixture
def router() -> UpcastRouter:
    """Return a router with a chain of two functions."""
    made = UpcastRouter("order")
    made.on(widen)
    return made.on(Int64Value, spell)


def request(*events: Any, domain: str = "order") -> UpcastRequest:
    """Return a request with numbered events."""
    made = UpcastRequest(domain=domain)
    for number, event in enumerate(events, 7):
        page = made.events.add(num=number, position=number, command_id="c")
        page.event.Pack(event)
    return made


async def test_an_event_passes_every_function_behind_it(router: UpcastRouter) -> None:
    """Whatever its version is, it comes out in the newest; all else of its page stays."""
    asked = request(Int32Value(value=1), Int64Value(value=2), StringValue(value="3"))

    answered = await router.Upcast(asked, None)  # type: ignore[arg-type]  # not looked at

    wanted = request(StringValue(value="1"), StringValue(value="2"), StringValue(value="3"))
    assert list(answered.events) == list(wanted.events)


async def test_another_domain_is_left_alone(router: UpcastRouter) -> None:
    """An upcaster may be asked by a reader of several domains."""
    asked = request(Int32Value(value=1), domain="cart")

    answered = await router.Upcast(asked, None)  # type: ignore[arg-type]  # not looked at

    assert list(answered.events) == list(asked.events)


async def test_an_event_that_cannot_be_decoded_is_an_error(router: UpcastRouter) -> None:
    """It is never left out and never an empty event."""
    asked = UpcastRequest(domain="order", events=[EventPage()])
    asked.events[0].event.type_url = "x/google.protobuf.Int32Value"
    asked.events[0].event.value = b"\xff"

    with pytest.raises(CallError, match=r"Malformed event: google\.protobuf\.Int32Value"):
        await router.Upcast(asked, None)  # type: ignore[arg-type]  # not looked at


def test_a_function_says_what_it_returns(router: UpcastRouter) -> None:
    """Without the type of the result the chain is not known."""

    def mute(old: BoolValue):  # type: ignore[no-untyped-def]  # the mistake
        return StringValue(value=str(old.value))

    with pytest.raises(TypeError, match="needs a message type as its result"):
        router.on(mute)


def test_a_type_has_one_function(router: UpcastRouter) -> None:
    """A second one would be a second meaning of the same bytes."""
    with pytest.raises(TypeError, match="already has a handler"):
        router.on(Int32Value, widen)


def test_a_way_never_leads_back(router: UpcastRouter) -> None:
    """Else an event would never arrive."""

    def back(old: StringValue) -> Int32Value:
        return Int32Value(value=int(old.value))

    with pytest.raises(TypeError, match=r"leads google\.protobuf\.StringValue back to itself"):
        router.on(back)


def test_a_version_that_nothing_leads_to_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """From V1 to V2 and from V3 to V4 leaves events of V1 behind."""
    handled = {"x.MadeV3": "x.MadeV4", "x.Made": "x.MadeV2", "x.Other": "x.OtherV2"}

    assert successions(handled) == [("x.Made", "x.MadeV3")]
    router = UpcastRouter("order")
    monkeypatch.setattr(router, "_next", handled)
    with pytest.raises(TypeError, match=r"x.Made leads to x.MadeV2, never to x.MadeV3"):
        router.check()
    handled["x.MadeV2"] = "x.MadeV3"
    router.check()


def test_numbers_order_versions_not_letters() -> None:
    """V10 follows V9."""
    handled = {"x.MadeV10": "x.MadeV11", "x.MadeV9": "x.MadeV10"}

    assert successions(handled) == [("x.MadeV9", "x.MadeV10")]


def test_unversioned_names_have_no_gap() -> None:
    """What is called otherwise is a type of its own."""
    router = UpcastRouter("order").on(UInt32Value, _to_unsigned)

    router.check()


def _to_unsigned(old: UInt32Value) -> UInt64Value:
    return UInt64Value(value=old.value)
