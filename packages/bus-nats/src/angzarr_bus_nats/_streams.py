"""The stream of a domain: made when it is missing, whoever took it away."""

from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError
from nats.js.manager import JetStreamManager

from angzarr_bus_nats._client import NatsClient
from angzarr_bus_nats._names import stream_name, stream_subjects

API_SECONDS = 2.0
KEPT_SECONDS = 300.0
KEPT_FRAMES = 100_000
KEPT_BYTES = 256 * 1024 * 1024
REPEATS_SECONDS = 120.0


async def ensure_stream(client: NatsClient, domain: str, replicas: int) -> None:
    """Return when the stream of `domain` is there; asks once per connection.

    Shape: what it keeps is bounded by time, number and bytes, and nobody may delete from it.

    Raises:
        BusUnavailableError: the domain is no name.
        nats.errors.Error, OSError: the server did not make it.
    """
    if domain in client.streams:
        return
    config = StreamConfig(
        name=stream_name(domain),
        subjects=[stream_subjects(domain)],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=KEPT_SECONDS,
        max_msgs=KEPT_FRAMES,
        max_bytes=KEPT_BYTES,
        duplicate_window=REPEATS_SECONDS,
        num_replicas=replicas,
        deny_delete=True,
        deny_purge=True,
    )
    manager = JetStreamManager(client, timeout=API_SECONDS)
    try:
        await manager.add_stream(config)
    except BadRequestError:  # it is there, made by another version
        await manager.update_stream(config)
    client.streams.add(domain)
