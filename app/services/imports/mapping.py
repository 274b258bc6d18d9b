"""Which column of somebody's list is which field of ours.

We guess from the headings and the person corrects: what was said explicitly always wins. Every
field comes from at most one column. A column that nothing is read from stays in the mapping with no
target, so that it is named.
"""

import unicodedata
from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass

from app.services.imports.kinds.base import Kind


class MappingError(ValueError):
    """The mapping that was asked for makes no sense; the message says why."""


OURS = frozenset({"id", "version", "created_at", "updated_at"})
"""Headings that together only our own exports have: the other ones are then names of our own fields."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A settled mapping: each heading to its target, or to `None` when it is left out."""

    targets: dict[str, str | None]

    def field_of(self, heading: str) -> str | None:
        """Return what a column is mapped to, or `None` when it is left out."""
        return self.targets.get(heading)

    @property
    def is_ours(self) -> bool:
        """Whether it is of an export of ours, from here or from elsewhere."""
        return self.targets.keys() >= OURS

    @property
    def unmapped(self) -> tuple[str, ...]:
        """The headings whose columns are left out, in the file's order."""
        return tuple(heading for heading, target in self.targets.items() if target is None)

    def apply(self, cells: MappingABC[str, str]) -> dict[str, str]:
        """Return the fields of one row, trimmed; a field without a column is not in it at all."""
        return {
            target: cells[heading].strip()
            for heading, target in self.targets.items()
            if target is not None
        }


def map_columns(
    kind: Kind, headings: Iterable[str], explicit: MappingABC[str, str | None] | None = None
) -> Mapping:
    """Map the columns of a list: what is explicit first, then by guessing.

    `explicit` names targets by heading; `None` leaves a column out. A guess never takes a target
    that was given explicitly. Raises `MappingError`.
    """
    headings = tuple(headings)
    explicit = _ours(kind, headings, explicit or {})
    _check(kind, headings, explicit)
    taken = {target for target in explicit.values() if target is not None}
    guesses = _guess(kind, [heading for heading in headings if heading not in explicit], taken)
    targets = {**guesses, **explicit}
    return Mapping({heading: targets.get(heading) for heading in headings})


def _ours(
    kind: Kind, headings: tuple[str, ...], explicit: MappingABC[str, str | None]
) -> MappingABC[str, str | None]:
    """What is explicit, and before it what is known of the columns of our own export."""
    if not set(headings) >= OURS:
        return explicit
    taken = {target for target in explicit.values() if target is not None}
    known: dict[str, str | None] = {**dict.fromkeys(OURS), **kind.exported}
    ours = {
        heading: target
        for heading, target in known.items()
        if heading in headings and target not in taken
    }
    return {**ours, **explicit}


def _check(kind: Kind, headings: tuple[str, ...], explicit: MappingABC[str, str | None]) -> None:
    seen: dict[str, str] = {}
    for heading, target in explicit.items():
        if heading not in headings:
            raise MappingError(f"The file has no column “{heading}”.")
        if target is None:
            continue
        if target not in kind.targets:
            allowed = ", ".join(kind.targets)
            many = kind.name.value.replace("_", " ")
            raise MappingError(f"“{target}” is not a field of {many}. The fields are: {allowed}.")
        if target in seen:
            raise MappingError(f"Both “{seen[target]}” and “{heading}” are mapped to {target}.")
        seen[target] = heading


def _guess(kind: Kind, headings: list[str], taken: set[str]) -> dict[str, str | None]:
    """Give every free target its likeliest heading."""
    by_word: dict[str, str] = {}
    for heading in headings:
        by_word.setdefault(word(heading), heading)
    # our own names, as our exports write them, mean themselves
    guesses: dict[str, str | None] = {
        one.name: one.name for one in kind.fields if one.name in headings and one.name not in taken
    }
    for field in kind.fields:
        if field.name in taken or field.name in guesses:
            continue
        words = (word(alias) for alias in (field.name, *field.aliases))
        found = next((by_word[one] for one in words if one in by_word), None)
        if found is not None and found not in guesses:
            guesses[found] = field.name
    return kind.reconsider(guesses)


def word(heading: str) -> str:
    """Return a heading without case, accents, spaces and punctuation."""
    decomposed = unicodedata.normalize("NFKD", heading).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())
