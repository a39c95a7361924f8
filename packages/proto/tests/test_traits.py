"""Messages answer questions about themselves."""

import uuid
from datetime import UTC, datetime

import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angzarr import (
    attach,
    is_command_id,
    is_edition_name,
    is_name,
    is_reserved_domain,
    type_matches,
    type_name,
)
from angzarr.types_pb2 import (
    UUID,
    CommandBook,
    ComponentDescriptor,
    Cover,
    EventBook,
    EventPage,
    Query,
    RpcStatus,
    Target,
)

ROOT = bytes(range(16))


def book(**changes: object) -> CommandBook:
    """Return a book of good shape, with changes to its cover."""
    made = CommandBook.to("order", ROOT, StringValue(value="a"))
    for name, value in changes.items():
        setattr(made.cover, name, value)
    return made


def test_a_good_command_book_has_no_fault() -> None:
    """A cover with domain and root and one page with a command is enough."""
    assert book().fault() is None


def no_cover() -> CommandBook:
    """Return a book without a cover."""
    made = book()
    made.ClearField("cover")
    return made


def no_root() -> CommandBook:
    """Return a book without a root."""
    made = book()
    made.cover.ClearField("root")
    return made


def short_root() -> CommandBook:
    """Return a book whose root has three bytes."""
    made = book()
    made.cover.root.value = b"abc"
    return made


def two_pages() -> CommandBook:
    """Return a book with two commands."""
    return book().order(StringValue(value="b"))


def no_command() -> CommandBook:
    """Return a book whose page has no command."""
    made = book()
    made.pages[0].ClearField("command")
    return made


def bad_edition() -> CommandBook:
    """Return a book of an edition that cannot exist."""
    made = book()
    made.cover.edition.name = "no good"
    return made


@pytest.mark.parametrize(
    ("made", "field", "message"),
    [
        (no_cover(), "cover", "CommandBook must have a cover"),
        (book(domain=""), "cover.domain", "Cover must have a domain"),
        (no_root(), "cover.root", "Cover must have a root UUID"),
        (short_root(), "cover.root", "Invalid UUID: expected 16 bytes, got 3"),
        (two_pages(), "pages", "CommandBook must have exactly one page, got 2"),
        (no_command(), "pages.command", "CommandPage must have a command"),
        (book(domain="Order"), "cover.domain", "Invalid domain: Order"),
        (bad_edition(), "cover.edition", "Invalid edition name: no good"),
        (
            book(correlation_id="x" * 257),
            "cover.correlation_id",
            "Correlation id is longer than 256 bytes",
        ),
    ],
)
def test_a_fault_names_the_field_and_says_what_is_wrong(
    made: CommandBook, field: str, message: str
) -> None:
    """Every row of the shape check has its exact text."""
    assert made.fault() == (field, message)


def test_a_book_of_many_pages_can_be_allowed() -> None:
    """multi_page=True accepts more than one page, never none."""
    assert two_pages().fault(multi_page=True) is None
    assert two_pages().is_multi_page


def test_main_has_one_spelling() -> None:
    """An unset edition, an empty name and "angzarr" are main."""
    named = Cover()
    named.edition.name = "angzarr"

    assert {Cover().edition_name, named.edition_name} == {"angzarr"}
    assert Cover().is_main


def test_an_address_fills_the_cover() -> None:
    """address() sets domain, root, canonical edition and correlation id."""
    cover = Cover().address("order", uuid.UUID(bytes=ROOT), correlation="flow")

    assert (cover.root.value, cover.edition.name, cover.correlation_id) == (ROOT, "angzarr", "flow")


def test_the_next_number_follows_the_last_page_or_snapshot() -> None:
    """next_sequence wins, then the pages, then the snapshot, then 0."""
    folded = EventBook()
    folded.snapshot.sequence = 6
    numbered = EventBook(next_sequence=9)

    found = [made.next_page_number for made in (EventBook(), folded, numbered)]

    assert found == [0, 7, 9]
    assert [page.num for page in folded.record(StringValue(), StringValue()).pages] == [7, 8]
    assert numbered.record(StringValue()).next_sequence == 10


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("examples.CreateOrder", True),
        ("CreateOrder", True),
        ("any.prefix/examples.CreateOrder", True),
        ("Order", False),
        ("eateOrder", False),
    ],
)
def test_types_match_whole_or_at_a_dot(pattern: str, *, expected: bool) -> None:
    """A pattern never matches inside a word."""
    assert type_matches(pattern, "type.googleapis.com/examples.CreateOrder") is expected


def test_a_target_without_types_means_all_of_its_domain() -> None:
    """`*` and `#` mean every domain without an underscore in front."""
    page = EventPage()
    page.event.Pack(StringValue())

    assert page.type_name == type_name(page.event.type_url) == "google.protobuf.StringValue"
    assert Target(domain="order").covers("order", page.event.type_url)
    assert not Target(domain="order", types=["Other"]).covers("order", page.event.type_url)
    assert [Target(domain=every).covers("cart", "t") for every in ("*", "#")] == [True, True]
    assert not Target(domain="*").covers("_meta.topology", "t")


def test_a_wildcard_among_the_inputs_means_the_owned_domains() -> None:
    """Named domains come first and once; those of the framework must be named."""
    told = ComponentDescriptor(inputs=[Target(domain=it) for it in ("cart", "_meta", "*")])

    assert told.input_domains(["_own", "cart", "order"]) == ["cart", "_meta", "order"]


def test_a_status_knows_a_refusal_of_logic() -> None:
    """Exactly the codes of a business refusal count."""
    refusals = [code for code in range(17) if RpcStatus(code=code).is_rejection_code]

    assert refusals == [3, 5, 6, 7, 9, 11]
    assert RpcStatus(code=12).is_unimplemented


def test_a_root_of_wrong_length_is_refused() -> None:
    """The error tells the length."""
    with pytest.raises(ValueError, match="expected 16 bytes, got 3"):
        _ = UUID(value=b"abc").uuid

    assert (UUID(value=ROOT).uuid.bytes, UUID(value=ROOT).hex) == (ROOT, ROOT.hex())


def test_attach_refuses_a_name_the_class_has() -> None:
    """A trait can hide nothing of protobuf."""
    with pytest.raises(TypeError, match="already has 'CopyFrom'"):
        attach(UUID, type("Bad", (), {"CopyFrom": None}))


def test_names_are_narrow() -> None:
    """Domains, editions and command ids have one grammar each."""
    assert [is_name(text) for text in ("order", "a--b", "Order", "a" * 64, "")] == [True] + [
        False
    ] * 4
    assert [is_edition_name(text) for text in ("v1.2_x", ".x", "")] == [True, False, False]
    assert [is_command_id(text) for text in ("a@b:1/2+=-", "ö", "")] == [True, False, False]
    assert all(map(is_reserved_domain, ("_meta", "angzarr.saga-failures", "unknown", "*", "#")))
    assert not is_reserved_domain("order")


def test_a_query_selects_by_range_or_set() -> None:
    """No selection means everything; a range has two inclusive ends."""
    bounded, open_ended, chosen = Query(), Query(), Query()
    bounded.range.lower, bounded.range.upper = 1, 2
    open_ended.range.lower = 2
    chosen.sequences.values.extend([3, 9])

    found = [
        [number for number in range(4) if number in query.selected]
        for query in (Query(), bounded, open_ended, chosen)
    ]

    assert found == [[0, 1, 2, 3], [1, 2], [2, 3], [3]]


def test_a_book_is_cut_into_pieces_that_can_be_sent() -> None:
    """Every page comes once, in order, at least one per piece."""
    whole = EventBook().record(*(StringValue(value="x" * 10) for _ in range(5)))
    size = whole.pages[0].ByteSize()

    pieces = [[page.num for page in piece.pages] for piece in whole.pieces(2 * size)]
    tiny = [len(piece.pages) for piece in whole.pieces(1)]

    assert pieces == [[0, 1], [2, 3], [4]]
    assert tiny == [1] * 5
    assert [len(piece.pages) for piece in EventBook().pieces(1)] == [0]


def test_an_accepted_page_keeps_what_is_not_ours() -> None:
    """Number, cause and time are set, a position is dropped, a field of a later version stays."""
    later = b"\x92\x7d\x05later"
    page = EventPage(num=9, position=7)
    page.MergeFromString(later)

    accepted = page.accepted(2, "c-1", datetime(2026, 1, 1, tzinfo=UTC))

    assert (accepted.num, accepted.command_id, accepted.position) == (2, "c-1", 0)
    assert accepted.created_at.ToJsonString() == "2026-01-01T00:00:00Z"
    assert later in accepted.SerializeToString()
