"""Named branches of history: what is recorded of each, and where its roots leave main."""

from dataclasses import dataclass

from angzarr.types_pb2 import TemporalQuery
from angzarr_store._errors import (
    DivergenceMismatchError,
    EditionDeletedError,
    EditionExistsError,
    MainEditionError,
)
from angzarr_store._rows import MAIN_EDITION

WHOLE_DOMAIN = b""


def check_created(name: str, domain: str) -> None:
    """Refuse to make main; every store asks before it makes an edition.

    Raises:
        MainEditionError: it is main.
    """
    if name == MAIN_EDITION:
        raise MainEditionError(f"Edition name {name} is the main timeline", domain)


def check_deleted(name: str, domain: str) -> None:
    """Refuse to delete main; every store asks before it deletes an edition.

    Raises:
        MainEditionError: it is main.
    Rule: reliability.md N36.
    """
    if name == MAIN_EDITION:
        raise MainEditionError("The main timeline cannot be deleted", domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A named edition of one domain; `point` is an encoded TemporalQuery, empty without one.

    Shape: a deleted one stays, so that its name is spent.
    """

    name: str
    created_at: str
    description: str = ""
    point: bytes = b""
    deleted: bool = False

    @property
    def latest(self) -> str:
        """Return the greatest `created_at` that its point admits, "" of one that is no time."""
        point = TemporalQuery.FromString(self.point)
        return point.latest if point.WhichOneof("point_in_time") == "as_of_time" else ""

    def check_like(self, asked: "Edition", domain: str) -> None:
        """Refuse to be taken for an edition that is made otherwise.

        Raises:
            EditionDeletedError: this one is deleted.
            EditionExistsError: the other has another point or description.
        """
        if self.deleted:
            raise EditionDeletedError(self.name, domain)
        if (self.description, self.point) != (asked.description, asked.point):
            raise EditionExistsError(self.name, domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """What decides where a root of a named edition leaves main (contract.md §4.11).

    Shape: `pinned` was stored with the root's first event, `recorded` holds for the domain, `later`
    is the first event of main behind the edition's point in time. `main_next` and `own_next` are
    what follows the last event on either side; `own_next` 0 says that there is none yet.
    """

    domain: str
    name: str
    edition: Edition | None = None
    pinned: int | None = None
    recorded: int | None = None
    later: int | None = None
    main_next: int = 0
    own_next: int = 0

    @property
    def latest(self) -> str:
        """Return the `created_at` behind which `later` is, "" if that does not decide."""
        if self.edition is None or {self.pinned, self.recorded} != {None}:
            return ""
        return self.edition.latest

    def divergence(self, asked: int | None) -> int:
        """Return the first sequence that belongs to the edition; `asked` is what a request says.

        Raises:
            EditionDeletedError: the name is spent.
            DivergenceMismatchError: another divergence is recorded for the domain.
        """
        if self.edition is not None and self.edition.deleted:
            raise EditionDeletedError(self.name, self.domain)
        if asked is not None and self.recorded not in {None, asked}:
            raise DivergenceMismatchError(self.name, self.domain, self.recorded or 0, asked)
        candidates = (self.pinned, asked, self.recorded, self._of_point(), self.main_next)
        return min(next(it for it in candidates if it is not None), self.main_next)

    def next_sequence(self, asked: int | None) -> int:
        """Return the sequence that the next event of the root gets.

        Raises:
            EditionDeletedError, DivergenceMismatchError: as of `divergence`.
        """
        return max(self.divergence(asked), self.own_next)

    def _of_point(self) -> int | None:
        point = TemporalQuery.FromString(self.edition.point if self.edition is not None else b"")
        match point.WhichOneof("point_in_time"):
            case "as_of_sequence":
                return point.as_of_sequence + 1
            case "as_of_time":
                return self.later
            case None:
                return None
