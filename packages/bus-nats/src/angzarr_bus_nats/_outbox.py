"""Frames on their way to the streams: pipelined, bounded, never waited for."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from itertools import count

from nats.aio.msg import Msg

from angzarr_bus import BusUnavailableError, Frame, Publishing
from angzarr_bus_nats._client import FAILURES, NatsClient
from angzarr_bus_nats._complaint import Complaint
from angzarr_bus_nats._connection import Connection
from angzarr_bus_nats._names import message_id, subject_of
from angzarr_bus_nats._streams import ensure_stream
from angzarr_ports import System

WAITING_FRAMES = 1024
WAITING_BYTES = 16 * 1024 * 1024
LIMIT_BYTES = 256 * 1024
HEADER_BYTES = 512
ACK_SECONDS = 5.0
REMIND_SECONDS = 1.0
LOST = "bus.frame_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A frame that was published, and when."""

    frame: Frame
    began: float

    @property
    def size_bytes(self) -> int:
        """Return about how much memory it holds."""
        return sum(map(len, self.frame.pages))


class Outbox:
    """Publishes frames in their order and counts which of them the server took.

    A frame that it did not take, or that could not be sent, is lost; of the last one of its log a
    reference follows as soon as it can, so that subscribers need not wait for their poll.
    """

    def __init__(
        self, connection: Connection, replicas: int, system: System, publishing: Publishing
    ) -> None:
        self._connection = connection
        self._replicas = replicas
        self._clock = system.clock
        self._publishing = publishing
        self._waiting: deque[Offered] = deque()
        self._offered = asyncio.Event()
        self._tokens = map(str, count())
        self._unanswered: dict[str, tuple[Offered, asyncio.TimerHandle]] = {}
        self._room_frames, self._room_bytes = WAITING_FRAMES, WAITING_BYTES
        self._lost: dict[str, Frame] = {}
        self._lossy = asyncio.Event()
        self._complaint = Complaint(LOST)
        connection.when_lost(self._give_up)
        self._tasks = [
            system.tasks.start("nats outbox", self._send_all()),
            system.tasks.start("nats reminder", self._remind()),
        ]

    def offer(self, frame: Frame) -> None:
        """Queue a frame; behind too many others it is lost."""
        offered = Offered(frame=frame, began=self._publishing.begin())
        self._room_frames -= 1
        self._room_bytes -= offered.size_bytes
        if self._room_frames < 0 or self._room_bytes < 0:
            self._end(offered, "too much waits for the server")
        else:
            self._waiting.append(offered)
            self._offered.set()

    async def aclose(self) -> None:
        """Drop what waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        for _, timer in self._unanswered.values():
            timer.cancel()

    async def _send_all(self) -> None:
        while True:
            await self._offered.wait()
            self._offered.clear()
            while self._waiting:
                offered = self._waiting.popleft()
                client = self._connection.client
                if client is None:
                    self._end(offered, "there is no connection")
                    continue
                try:
                    await self._send(client, offered)
                except (BusUnavailableError, *FAILURES) as error:
                    self._end(offered, str(error))

    async def _send(self, client: NatsClient, offered: Offered) -> None:
        subject, identity = subject_of(offered.frame), message_id(offered.frame)
        await ensure_stream(client, offered.frame.domain, self._replicas)
        if not client.answers:
            inbox = client.new_inbox()
            await client.subscribe(f"{inbox}.*", cb=self._answer)
            client.answers = inbox
        token = next(self._tokens)
        await client.publish(
            subject,
            _payload(offered.frame, min(LIMIT_BYTES, client.max_payload) - HEADER_BYTES),
            reply=f"{client.answers}.{token}",
            headers={"Nats-Msg-Id": identity} if identity else None,
        )
        timer = asyncio.get_running_loop().call_later(ACK_SECONDS, self._expire, token)
        self._unanswered[token] = offered, timer

    async def _answer(self, message: Msg) -> None:
        waited = self._unanswered.pop(message.subject.rpartition(".")[2], None)
        if waited is None:
            return
        offered, timer = waited
        timer.cancel()
        error = _error_in(message)
        if error and self._connection.client is not None:
            self._connection.client.streams.discard(offered.frame.domain)
        self._end(offered, error)

    def _expire(self, token: str) -> None:
        offered, timer = self._unanswered.pop(token)
        timer.cancel()
        self._end(offered, "the server did not answer")

    def _give_up(self) -> None:
        for token in tuple(self._unanswered):
            self._expire(token)

    def _end(self, offered: Offered, why: str) -> None:
        """Make room for the next frame; `why` the server did not take this one, "" if it did."""
        frame = offered.frame
        self._room_frames += 1
        self._room_bytes += offered.size_bytes
        self._publishing.end(frame.domain, offered.began, lost=bool(why))
        if not why:
            self._complaint.withdraw()
            return
        self._complaint.raise_once(why, domain=frame.domain)
        if frame.position:
            known = self._lost.get(frame.domain, frame)
            self._lost[frame.domain] = max(known, frame, key=_place_in_log).as_reference()
            self._lossy.set()

    async def _remind(self) -> None:
        while True:
            await self._lossy.wait()
            await self._clock.sleep(REMIND_SECONDS)
            await self._connection.reached()
            self._lossy.clear()
            lost, self._lost = self._lost, {}
            for frame in lost.values():
                self.offer(frame)


def _place_in_log(frame: Frame) -> tuple[int, int]:
    return frame.epoch, frame.position


def _payload(frame: Frame, limit_bytes: int) -> bytes:
    payload = frame.encode()
    return payload if len(payload) <= limit_bytes else frame.as_reference().encode()


def _error_in(message: Msg) -> str:
    """Return why the server did not take a frame, "" if it did."""
    if (message.headers or {}).get("Status"):
        return "there is no such stream"
    found = json.loads(message.data).get("error")
    return str(found.get("description", found)) if found else ""
