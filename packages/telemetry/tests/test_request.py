"""Which requests are answered, and what the others hear."""

import pytest

from angzarr_telemetry._request import RefusedRequestError, Request

HOSTS = frozenset({"localhost", "127.0.0.1"})


def test_a_path_is_read_without_its_query() -> None:
    """GET and HEAD by the name of the server or by an address."""
    found = Request.of(b"GET /metrics?x=1 HTTP/1.1\r\nHost: localhost:9085\r\n\r\n", HOSTS)
    address = Request.of(b"HEAD / HTTP/1.0\r\nhost:10.1.2.3\r\n\r\n", HOSTS)
    six = Request.of(b"GET / HTTP/1.1\r\nHost: [::1]:9085\r\nAccept: */*\r\n\r\n", HOSTS)

    assert (found.method, found.path) == ("GET", "/metrics")
    assert (address.method, six.path) == ("HEAD", "/")


def test_on_a_private_socket_any_name_will_do() -> None:
    """No web page reaches it."""
    assert Request.of(b"GET / HTTP/1.1\r\n\r\n", None).path == "/"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (b"GET /livez HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", 421),
        (b"GET /livez HTTP/1.1\r\n\r\n", 421),
        (b"GET /livez HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"get /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET  /livez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /li vez HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\xc3\xa4 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
    ],
)
def test_what_is_doubtful_is_refused(head: bytes, status: int) -> None:
    """Another method, a foreign name, a body, and every deviation from the grammar."""
    with pytest.raises(RefusedRequestError) as found:
        Request.of(head, HOSTS)

    assert found.value.status == status
