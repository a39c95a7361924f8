"""What a caller and a server need to know of one method."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

RequestT = TypeVar("RequestT", bound=Message)
ReplyT = TypeVar("ReplyT", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[RequestT, ReplyT]):
    """One method of one service, with the types of its messages."""

    service: str
    name: str
    request: type[RequestT]
    reply: type[ReplyT]
    client_streams: bool = False
    server_streams: bool = False

    @property
    def path(self) -> str:
        """Return the path of the method as it travels: /package.Service/Method."""
        return f"/{self.service}/{self.name}"

    def encode(self, request: RequestT) -> bytes:
        """Return the bytes of a request."""
        return request.SerializeToString()

    def decode(self, data: bytes) -> ReplyT:
        """Return the reply in `data`."""
        return self.reply.FromString(data)

    def decode_request(self, data: bytes) -> RequestT:
        """Return the request in `data`."""
        return self.request.FromString(data)

    def encode_reply(self, reply: ReplyT) -> bytes:
        """Return the bytes of a reply."""
        return reply.SerializeToString()
