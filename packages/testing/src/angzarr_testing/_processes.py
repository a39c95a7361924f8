"""What the processes of a system run: logic, coordinators, the gateway."""

import angzarr_coordinator_aggregate
import angzarr_coordinator_process_manager
import angzarr_coordinator_projector
import angzarr_coordinator_saga
import angzarr_gateway
from angzarr_client import serve_logic
from angzarr_discovery import Discovery
from angzarr_ports import System
from angzarr_service import Ports
from angzarr_settings import Settings, ShutdownSettings
from angzarr_testing._host import Process
from angzarr_testing._member import DRAIN_SECONDS, Member


def logic(member: Member, system: System) -> Process:
    """Return the author's process."""
    return Process(
        name=f"logic {member.name}",
        address=member.logic,
        work=lambda stop: serve_logic(member.router, member.logic, system, stop),
    )


def coordinator(member: Member, ports: Ports) -> Process:
    """Return the coordinator beside the logic."""
    serve = {
        "aggregate": angzarr_coordinator_aggregate.serve,
        "saga": angzarr_coordinator_saga.serve,
        "process_manager": angzarr_coordinator_process_manager.serve,
        "projector": angzarr_coordinator_projector.serve,
    }[member.router.kind]
    return Process(
        name=f"coordinator {member.name}",
        address=member.address,
        work=lambda stop: serve(member.settings, ports, stop),
    )


def gateway(address: str, system: System, discovery: Discovery) -> Process:
    """Return the gateway."""
    settings = Settings(listen=address, shutdown=ShutdownSettings(drain_seconds=DRAIN_SECONDS))
    return Process(
        name="gateway",
        address=address,
        work=lambda stop: angzarr_gateway.serve(settings, system, discovery, stop),
    )
