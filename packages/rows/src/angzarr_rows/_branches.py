"""Rows of editions and of what decides where their roots leave main."""

from angzarr_rows._changes import key_values
from angzarr_rows._rows import Row
from angzarr_store import MAIN_EDITION, WHOLE_DOMAIN, Edition, Fork, RootKey


def edition_of(row: Row) -> Edition:
    """Return the edition of a row of `select_edition*`."""
    name, created_at, description, point, deleted = row
    return Edition(
        name=name,
        created_at=created_at,
        description=description,
        point=point,
        deleted=bool(deleted),
    )


def fork_values(domain: str, key: RootKey) -> dict[str, object]:
    """Return the parameters of `select_fork`."""
    names = {"domain": domain, "main": MAIN_EDITION, "whole": WHOLE_DOMAIN}
    return {**names, **key_values(key)}


def fork_of(domain: str, key: RootKey, row: Row) -> Fork:
    """Return the fork of a row of `select_fork`; the time of its point is not looked at."""
    *edition, pinned, recorded, main_last, own_last = row
    return Fork(
        domain=domain,
        name=key.edition,
        edition=edition_of(edition) if edition[0] is not None else None,
        pinned=pinned,
        recorded=recorded,
        main_next=_behind(main_last),
        own_next=_behind(own_last),
    )


def _behind(last: int | None) -> int:
    return 0 if last is None else last + 1
