"""Changes of a subscriber as statements and their parameters."""

from angzarr_store import (
    Advance,
    Apply,
    Change,
    DropLetter,
    ForgetReactions,
    ForgetSubscription,
    Letter,
    RootKey,
    SaveLetter,
    SaveProjection,
    SaveReaction,
)

FORGOTTEN = ("applied", "reactions", "letters", "projections", "subscriptions")


def change_statements(change: Change) -> list[tuple[str, dict[str, object]]]:
    """Return the statements that make a change, with their named parameters, in their order."""
    match change:
        case Apply(position=position):
            return [("insert_applied", {"position": position})]
        case Advance(old=old, new=new, chain=chain, spent=(after, last)):
            return [
                ("update_checkpoint", {"old": old, "new": new, "chain": chain}),
                ("delete_applied", {"new": new}),
                ("delete_reactions", {"old": after, "new": last}),
            ]
        case SaveReaction(reaction=it):
            return [("insert_reaction", {name: getattr(it, name) for name in it.__slots__})]
        case ForgetReactions() | ForgetSubscription():
            return _forgetting(change)
        case SaveLetter() | DropLetter():
            return [_letter_statement(change)]
        case SaveProjection(key=key, sequence=sequence, projection=projection):
            values = {"sequence": sequence, "projection": projection, **key_values(key)}
            return [("insert_projection", values)]


def _forgetting(
    change: ForgetReactions | ForgetSubscription,
) -> list[tuple[str, dict[str, object]]]:
    if isinstance(change, ForgetSubscription):
        return [(f"forget_{table}", {}) for table in FORGOTTEN]
    return [("delete_reactions", {"old": change.position - 1, "new": change.position})]


def _letter_statement(change: SaveLetter | DropLetter) -> tuple[str, dict[str, object]]:
    if isinstance(change, SaveLetter):
        return "insert_letter", letter_values(change.letter)
    return "delete_letter", {"id": change.id}


def letter_values(letter: Letter) -> dict[str, object]:
    """Return the parameters of `insert_letter`."""
    values = {name: getattr(letter, name) for name in letter.__slots__ if name != "key"}
    return {**values, **key_values(letter.key)}


def key_values(key: RootKey) -> dict[str, object]:
    """Return the parameters that name a root."""
    return {"edition": key.edition, "root": key.root}
