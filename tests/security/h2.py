"""HTTP/2 by hand: frames that no library would send. Uses nothing but the standard library."""

import socket
import struct
from collections.abc import Callable
from contextlib import suppress

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_STATUS = -1


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return struct.pack("!I", len(payload))[1:] + struct.pack("!BBI", kind, flags, stream) + payload


def text(value: bytes) -> bytes:
    """Return a string of a header, not compressed."""
    length = len(value)
    if length < 127:
        return bytes([length]) + value
    rest, out = length - 127, bytearray([127])
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    return bytes(out) + bytes([rest]) + value


def header(name: bytes, value: bytes) -> bytes:
    """Return a header field that is not remembered."""
    return b"\x00" + text(name) + text(value)


def request_headers(path: bytes, *more: tuple[bytes, bytes]) -> bytes:
    """Return the headers of a call; `more` are further names and values."""
    fields = [
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", path),
        (b":authority", b"localhost"),
        (b"te", b"trailers"),
        (b"content-type", b"application/grpc"),
        *more,
    ]
    return b"".join(header(name, value) for name, value in fields)


def message(data: bytes) -> bytes:
    """Return a gRPC message, not compressed."""
    return struct.pack("!BI", 0, len(data)) + data


def connected(host: str, port: int | str) -> socket.socket:
    """Return a connection that has said its preface and settings."""
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(PREFACE + frame(SETTINGS, 0, 0))
    return connection


def read_until(connection: socket.socket, found: Callable[[bytes], bool]) -> bytes:
    """Return what comes until it contains `found`, the connection ends or is silent."""
    data = b""
    with suppress(OSError):
        while not found(data):
            more = connection.recv(65536)
            if not more:
                break
            data += more
    return data


def status_of(data: bytes) -> int:
    """Return the first gRPC status in an answer, NO_STATUS without one."""
    name = b"grpc-status"
    at = data.find(name)
    if at < 0 or len(data) < at + len(name) + 2:
        return NO_STATUS
    length = data[at + len(name)]
    return int(data[at + len(name) + 1 : at + len(name) + 1 + length])


def unary(path: str, data: bytes) -> bytes:
    """Return the frames of a call on stream 1."""
    headers = frame(HEADERS, END_HEADERS, 1, request_headers(path.encode()))
    return headers + frame(DATA, END_STREAM, 1, message(data))


def call(host: str, port: int | str, path: str, data: bytes) -> int:
    """Make one unary call by hand; return its status."""
    with connected(host, port) as connection:
        connection.sendall(unary(path, data))
        return status_of(read_until(connection, lambda it: status_of(it) != NO_STATUS))
