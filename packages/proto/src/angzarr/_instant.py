"""Times as texts whose order is that of the times."""

from google.protobuf.timestamp_pb2 import Timestamp


def instant(time: Timestamp) -> str:
    """Return a time as RFC 3339 in UTC with nine digits of a second.

    Raises:
        ValueError: there is no such time in the years 1 to 9999.
    """
    time.ToJsonString()
    whole = Timestamp(seconds=time.seconds).ToJsonString()
    return f"{whole.removesuffix('Z')}.{time.nanos:09}Z"
