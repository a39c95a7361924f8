"""S11 for pipes: whatever lies between two records, the second one is read."""

import random
import select

from angzarr_bus_conformance import frame
from angzarr_bus_ipc._record import MARKER, RecordReader, encode_record

STREAMS, LONG_STREAMS = 2_000, 200_000
SHORT = 64


def noise(chance: random.Random, record: bytes) -> bytes:
    """Return bytes that are no record: garbage, a torn one, a flipped one, a lie about a length."""
    kind = chance.randrange(4)
    if kind == 0:
        return chance.randbytes(chance.randrange(SHORT))
    if kind == 1:
        return record[: chance.randrange(len(record))]
    spoiled = bytearray(record)
    if kind == 2:
        spoiled[chance.randrange(len(MARKER), len(record))] ^= 1 << chance.randrange(8)
    else:
        spoiled[len(MARKER) : len(MARKER) + 4] = chance.randbytes(4)
    return bytes(spoiled)


def pieces(chance: random.Random, data: bytes) -> list[bytes]:
    """Return the data as a pipe may give it."""
    cuts = sorted(chance.randrange(len(data) + 1) for _ in range(chance.randrange(4)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def test_no_damage_reaches_beyond_itself(seed: int, *, is_long: bool) -> None:
    """Every frame that was written whole is read, in order, and nothing else is."""
    chance = random.Random(seed)
    for _ in range(LONG_STREAMS if is_long else STREAMS):
        wanted = [frame(number) for number in range(1, chance.randint(2, 6))]
        records = [encode_record(it) for it in wanted]
        stream = b"".join(noise(chance, records[0]) + it for it in records)
        # Behind a lie about a length within its bound as much must come before it is found out.
        rest = bytes(select.PIPE_BUF)
        reader = RecordReader()
        found = [it for part in pieces(chance, stream + rest) for it in reader.feed(part)]

        assert [it for it in found if it is not None] == wanted
