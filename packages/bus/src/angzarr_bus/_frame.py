"""What travels on a bus: one append of a domain, whole or by reference."""

import struct
from dataclasses import dataclass, replace

from angzarr_bus._errors import FrameError

_HEAD = struct.Struct(">QQIIB16s4H")
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One delta, or a wake when `count` is 0.

    Shape: `pages` are the stored page bytes in order, or empty: then the pages are read from the
    feed. `position` and `sequence` are those of the first page; for a wake, `position` is the
    head of the domain.
    Rule: architecture.md §2; reliability.md U4.
    """

    domain: str
    epoch: int
    edition: str
    root: bytes
    sequence: int
    position: int
    count: int
    command_id: str
    correlation_id: str
    pages: tuple[bytes, ...] = ()

    @property
    def last_position(self) -> int:
        """Return the position of the last page; the head for a wake."""
        return self.position + max(self.count - 1, 0)

    @property
    def is_reference(self) -> bool:
        """Say whether the pages must be read from the feed."""
        return not self.pages

    def as_reference(self) -> "Frame":
        """Return the frame without its pages."""
        return replace(self, pages=())

    def encode(self) -> bytes:
        """Return the bytes that `decode` reads."""
        texts = [
            text.encode()
            for text in (self.domain, self.edition, self.command_id, self.correlation_id)
        ]
        head = _HEAD.pack(
            self.epoch,
            self.position,
            self.sequence,
            self.count,
            len(self.root) == 16,  # noqa: PLR2004 - a root is 16 bytes or absent
            self.root,
            *map(len, texts),
        )
        pages = [part for page in self.pages for part in (_LENGTH.pack(len(page)), page)]
        return b"".join([head, *texts, *pages])

    @staticmethod
    def decode(data: bytes) -> "Frame":
        """Return the frame that `encode` wrote.

        Raises:
            FrameError: the bytes are cut, too long or not UTF-8.
        """
        try:
            return _decode(data)
        except (struct.error, UnicodeDecodeError) as error:
            raise FrameError(str(error)) from error


def _decode(data: bytes) -> Frame:
    epoch, position, sequence, count, rooted, root, *lengths = _HEAD.unpack_from(data)
    texts: list[str] = []
    at = _HEAD.size
    for length in lengths:
        texts.append(_take(data, at, length).decode())
        at += length
    pages = _pages(data, at)
    if pages and len(pages) != count:
        raise FrameError(f"{len(pages)} pages where {count} are announced")
    domain, edition, command_id, correlation_id = texts
    return Frame(
        domain=domain,
        epoch=epoch,
        edition=edition,
        root=root if rooted else b"",
        sequence=sequence,
        position=position,
        count=count,
        command_id=command_id,
        correlation_id=correlation_id,
        pages=pages,
    )


def _pages(data: bytes, at: int) -> tuple[bytes, ...]:
    pages: list[bytes] = []
    while at < len(data):
        (length,) = _LENGTH.unpack(_take(data, at, _LENGTH.size))
        pages.append(_take(data, at + _LENGTH.size, length))
        at += _LENGTH.size + length
    return tuple(pages)


def _take(data: bytes, at: int, length: int) -> bytes:
    if at + length > len(data):
        raise FrameError(f"cut at byte {len(data)}")
    return data[at : at + length]
