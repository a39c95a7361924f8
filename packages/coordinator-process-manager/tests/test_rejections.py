"""A process manager takes its own rejections where their process still is (contract.md §4.6)."""

from uuid import UUID

from google.protobuf.wrappers_pb2 import StringValue

from angzarr.types_pb2 import CommandBook
from angzarr_bus import BusConfig
from angzarr_bus_channel import ChannelBus
from angzarr_coordinator_process_manager._manager import Rejections
from angzarr_coordinator_process_manager._processes import Processes
from angzarr_dispatch import Verdict
from angzarr_log import Announcer, Histories
from angzarr_ports import System
from angzarr_service import Channels
from angzarr_settings import UpcasterSettings
from angzarr_store import Edition, EventLog, StoreConfig
from angzarr_store_memory import MemoryStore
from angzarr_upcaster import Upcaster


async def test_a_rejection_of_a_deleted_edition_is_refused(system: System) -> None:
    """There is no process to tell; the rejection goes the way of one that nobody takes back."""
    store = await MemoryStore.open(StoreConfig(url="", component="watch"), system)
    log = await store.log("watch")
    await log.create_edition(Edition(name="try", created_at="2026-01-01T00:00:00Z"))
    rejections = Rejections(processes=await processes_of(log, system), system=system)
    command = CommandBook.to("watch", UUID(int=1), StringValue(value="x"))
    command.cover.edition.name, command.cover.correlation_id = "try", "flow-1"
    command.command_id = "c-1"

    taken = await rejections.record(command)
    await log.delete_edition("try")
    command.command_id = "c-2"
    refused = await rejections.record(command)

    assert (taken.verdict, taken.events) == (Verdict.ACCEPTED, 1)
    assert (refused.verdict, refused.reason) == (Verdict.REJECTED, "EDITION_DELETED")


async def processes_of(log: EventLog, system: System) -> Processes:
    """Return the processes of a log."""
    announcer = Announcer(log, await ChannelBus.open(BusConfig(url=""), system), system)
    histories = Histories(log, Upcaster(UpcasterSettings(), Channels()))
    return Processes(log, histories, announcer, system)
