"""Logic of a projector that tests break, hold and mend through files."""

import os
from pathlib import Path

from angzarr_client import EventContext, ProjectorRouter, serve
from angzarr_ports import SystemClock
from examples.inventory_pb2 import StockReceived

DIRECTORY = Path(os.environ["DISPLAY"])

router = ProjectorRouter("display", "inventory")


@router.on
async def received(event: StockReceived, context: EventContext) -> None:
    """Show a delivery.

    Raises:
        ValueError: the display cannot take this product.
    """
    broken, held = DIRECTORY / "broken.txt", DIRECTORY / "held.txt"
    if broken.exists() and broken.read_text() == context.root.hex:
        raise ValueError("no room on the display")
    line = f"{context.root.hex} {event.reference}"
    while held.exists() and held.read_text() == line:
        (DIRECTORY / "holding.txt").touch()
        await SystemClock().sleep(0.02)
    with (DIRECTORY / "shown.txt").open("a") as shown:
        shown.write(f"{line}\n")


if __name__ == "__main__":
    serve(router, port=50399)
