"""Who looks after a simulated system: replays and discards letters, cancels timers."""

from contextlib import suppress
from typing import TypeVar

from google.protobuf.message import Message

from angzarr import Method, rpc
from angzarr.dead_letter_pb2 import (
    DeadLetter,
    DiscardDeadLettersRequest,
    ListDeadLettersRequest,
    ReplayDeadLettersRequest,
)
from angzarr.timer_pb2 import CancelTimerRequest, ListTimersRequest
from angzarr_service import CallError, Channels
from angzarr_store import Letter

from .system import GATEWAY, Shop

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)

PAUSE_SECONDS = 0.35
ROUNDS = 5
LOST_SECONDS = 10.0
LOST = {"UNKNOWN_DOMAIN", "EDITION_DELETED"}  # nobody keeps failures, nothing comes back


class Operator:
    """Decides on letters and timers from time to time, if the seed has an operator."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._chance = shop.loop.chance
        self._in_flight = shop.recorder.in_flight
        self._channels = Channels(transport=shop.client_system("operator").transport)

    async def work(self) -> None:
        """Work until cancelled."""
        while self._shop.features.has_operator:
            await self._shop.sleep(self._chance.expovariate(1 / PAUSE_SECONDS))
            self._shop.is_cured = self._shop.is_cured or self._chance.random() < 0.2
            try:
                await self._decide()
            except CallError:
                continue

    async def end(self) -> bool:
        """Cure what is poisoned, and try every letter again; say whether there was one.

        A stream that was lost is found out only after a while; nothing succeeds before.
        """
        self._shop.is_cured = True
        for _ in range(ROUNDS):
            with suppress(CallError):
                letters = [it for it in await self._letters() if may_succeed(it)]
                for letter in letters:
                    await self._again(letter)
                return bool(letters)
            await self._shop.sleep(LOST_SECONDS / ROUNDS)
        return True

    async def _again(self, letter: DeadLetter) -> None:
        with suppress(CallError):
            await self._ask(rpc.DeadLetters.Replay, ReplayDeadLettersRequest(ids=[letter.id]))

    async def _decide(self) -> None:
        if self._chance.random() < 0.3 and "process" in self._shop.features.subscribers:
            return await self._cancel()
        letters = await self._letters()
        if not letters:
            return None
        letter = self._chance.choice(letters)
        if self._chance.random() < 0.25:
            request = DiscardDeadLettersRequest(ids=[letter.id], note="enough")
            return await self._replaying(rpc.DeadLetters.Discard, request)
        ids = [letter.id]
        if self._chance.random() < 0.5:
            ids = [it.id for it in letters if it.component == letter.component]
        return await self._replaying(rpc.DeadLetters.Replay, ReplayDeadLettersRequest(ids=ids))

    async def _cancel(self) -> None:
        timers = (await self._ask(rpc.Timers.List, ListTimersRequest())).timers
        if timers:
            timer = self._chance.choice(timers)
            request = CancelTimerRequest(
                component=timer.component, cover=timer.cover, timer_type=timer.timer_type
            )
            await self._ask(rpc.Timers.Cancel, request)

    async def _letters(self) -> list[DeadLetter]:
        found = await self._ask(rpc.DeadLetters.List, ListDeadLettersRequest())
        return sorted(found.letters, key=lambda it: (it.component, it.position, it.id))

    async def _replaying(self, method: Method[RequestT, ReplyT], request: RequestT) -> None:
        self._in_flight["replay"] += 1
        try:
            await self._ask(method, request)
        finally:
            self._in_flight["replay"] -= 1

    async def _ask(self, method: Method[RequestT, ReplyT], request: RequestT) -> ReplyT:
        return await self._channels.call(GATEWAY, method, request, timeout_seconds=2.0)


def may_succeed(letter: DeadLetter | Letter) -> bool:
    """Say whether a letter is done once nothing fails any more and it is tried again."""
    return letter.attempts > 0 and letter.reason not in LOST
