"""How a running application says that it is: readiness, and what must never have moved."""

from collections.abc import AsyncIterator

from angzarr_doctor._finding import Finding
from angzarr_standalone import INVARIANT_VIOLATION
from angzarr_store import CHAIN_MISMATCH
from angzarr_telemetry import NEVER, checks_of, get, samples_of

TIMEOUT_SECONDS = 10.0
ZERO = frozenset(it.name for it in (*NEVER, CHAIN_MISMATCH, INVARIANT_VIOLATION))


async def check_running(address: str) -> AsyncIterator[Finding]:
    """Yield what the monitoring of a running application tells; `address` is where it listens."""
    try:
        _, ready = await get(address, "/readyz", timeout_seconds=TIMEOUT_SECONDS)
        _, text = await get(address, "/metrics", timeout_seconds=TIMEOUT_SECONDS)
        checks = checks_of(ready)
    except (OSError, ValueError) as error:
        yield Finding.failure(f"monitoring at {address} does not answer: {error}")
        return
    failing = {name: fault for name, fault in checks.items() if fault}
    for name, fault in failing.items():
        yield Finding.failure(f"{name} is not ready: {fault}", then=f"angzarr logs {name}")
    if not failing:
        yield Finding.ok(f"{len(checks)} processes are ready")
    moved = [it for it in samples_of(text.decode()) if it.name in ZERO and it.value]
    for sample in moved:
        who = sample.labels.get("component", "?")
        yield Finding.failure(f"{sample.name} is {sample.value:.0f} at {who}")
    if not moved:
        yield Finding.ok("nothing has happened that must never happen")
