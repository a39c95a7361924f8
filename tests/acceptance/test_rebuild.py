"""The view of stock is rebuilt beside itself while orders flow and processes are killed."""

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from .shop import Shop
from .test_resilience import Load

NAME = "projector-inventory-stock"
BEGUN = "rebuilding beside the live version (still serving)   Ctrl-C detaches"
BEFORE, AFTER, CLIENTS = 300, 600, 8

pytestmark = pytest.mark.timeout(600)


class Reader:
    """Somebody who looks at the table all the time, and notes what was there and is not."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self.looks = 0
        self.faults: list[str] = []

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        seen: dict[bytes, int] = {}
        connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)
        while not self._ended.wait(0.0005):
            try:
                rows = connection.execute("SELECT root, last_sequence FROM stock").fetchall()
            except sqlite3.Error as error:
                self.faults.append(str(error))
                continue
            self.looks += 1
            found = dict(rows)
            older = [root.hex() for root, last in seen.items() if found.get(root, -1) < last]
            self.faults += [f"{root} is older than before" for root in older]
            seen = found
        connection.close()


class Operator:
    """Runs angzarr as one does."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def projector(self, verb: str, *more: str) -> tuple[int, str, str]:
        """Do something about the read model."""
        return self.shop.angzarr(*more, "projector", verb, NAME)

    def until_switched(self) -> None:
        """Switch, again and again while nobody answers."""
        while True:
            code, _, err = self.projector("switch")
            if code == 0 or "is not being rebuilt" in err:
                return


@pytest.fixture
def load(own_shop: Shop) -> Iterator[Load]:
    """Begin with some orders, and a reader."""
    made = Load(own_shop)
    own_shop.run(made.stock)
    own_shop.run(lambda it: made.orders(it, BEFORE, CLIENTS))
    yield made


def under_orders(load: Load, story: Callable[[], None]) -> Reader:
    """Let a story happen in the midst of orders; return who has read all the time."""

    async def both(gateway: Any) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(load.orders(gateway, AFTER, CLIENTS))
            await asyncio.to_thread(story)

    with Reader(load.shop.home / ".angzarr/stock.db") as reader:
        load.shop.run(both)
    load.check()
    return reader


def subscriptions(shop: Shop) -> set[str]:
    """Return the subscriptions that have rows."""
    database = shop.home / f".angzarr/store/{NAME}.db"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT subscriber FROM subscriptions").fetchall()
    return {row[0] for row in rows}


def test_a_view_is_rebuilt_while_orders_flow(own_shop: Shop, load: Load) -> None:
    """Equal, switched, no read lost and none older, no effect repeated; nothing is left."""
    operator = Operator(own_shop)
    told: list[tuple[int, str, str]] = []

    def story() -> None:
        told.extend(operator.projector(verb) for verb in ("rebuild", "compare", "switch"))

    reader = under_orders(load, story)
    rebuilt, compared, switched = told

    first, *lines, last = re.sub(r"\d[\d,]*", "N", rebuilt[1]).splitlines()
    assert (rebuilt[0], first, last) == (0, BEGUN, "rebuilt N events in N s, N parked")
    assert set(lines) <= {" N / N events   N %   N/s   eta N s   N parked"}
    assert rebuilt[2] == f"next: angzarr projector compare {NAME}\n"
    assert compared[:2] == (0, "10 equal, 0 different, 0 behind, 0 only live, 0 only rebuilt\n")
    assert switched[:2] == (0, f"switched; the rebuilt version of {NAME} is live\n")
    assert (reader.faults, reader.looks > 100) == ([], True)
    own_shop.until(lambda: subscriptions(own_shop) == {f"{NAME}~1", f"{NAME}~versions"})
    shown = json.loads(operator.shop.angzarr("-o", "json", "subscriber", "show", NAME)[1])["items"]
    assert [it["component"] for it in shown] == [NAME]
    assert operator.projector("switch")[0::2] == (
        4,
        f"refused   FAILED_PRECONDITION\n  {NAME} is not being rebuilt\n",
    )


def test_deaths_around_a_switch_lose_and_repeat_nothing(own_shop: Shop, load: Load) -> None:
    """Kill -9 of the coordinator in a rebuild and in the switch, and of the logic."""
    operator, coordinator = Operator(own_shop), f"coordinator-{NAME}"

    def story() -> None:
        for victim in (coordinator, NAME, coordinator):
            rebuilding = threading.Thread(target=operator.projector, args=("rebuild",))
            rebuilding.start()
            own_shop.until(lambda: operator.projector("rebuild", "-o", "json")[0] == 0)
            own_shop.kill(victim)
            rebuilding.join()
            own_shop.until(lambda: operator.projector("rebuild", "-o", "json")[0] == 0)
            switching = threading.Thread(target=operator.until_switched)
            switching.start()
            own_shop.kill(victim)
            switching.join()

    reader = under_orders(load, story)

    assert reader.faults == []
    own_shop.until(lambda: len(subscriptions(own_shop)) == 2)
