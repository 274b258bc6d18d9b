"""How a status moves: a table of verbs, each with its sources, its target and its permission.

`Status` texts are stored; nothing writes them but `move_to`, which asks the table. A record lists
the verbs that are open to it now and to this person; an illegal one is refused with a sentence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from app.core.errors import Conflict
from app.models.permissions import Permission


@dataclass(frozen=True)
class Move:
    """One verb: from which statuses, to which, and who may. `target` None: the verb decides."""

    sources: frozenset[str]
    target: str | None
    permission: Permission


def moves(permission: Permission, target: StrEnum | None, *sources: StrEnum) -> Move:
    """Shorthand that reads as a row of the table."""
    return Move(frozenset(source.value for source in sources), target and target.value, permission)


class Moving:
    """Mixed into a record with a `status` and a table `MOVES`."""

    MOVES: ClassVar[Mapping[str, Move]]
    CALLED: ClassVar[str]
    """What a person calls such a record, for sentences: “visit”."""
    status: str

    def may(self, verb: str) -> bool:
        """Whether `verb` is legal in the present status."""
        return self.status in self.MOVES[verb].sources

    def allowed_transitions(self, has: Callable[[Permission], bool]) -> list[str]:
        """The verbs that are legal now and permitted to whoever `has` answers for, sorted."""
        return sorted(
            verb
            for verb, move in self.MOVES.items()
            if self.status in move.sources and has(move.permission)
        )

    def refuse_unless(self, verb: str, detail: str | None = None) -> None:
        """Raise `Conflict` when `verb` is not legal now, in the words of `detail` if given."""
        if not self.may(verb):
            legal_now = self.allowed_transitions(lambda _: True)
            possible = f"Possible now: {', '.join(legal_now)}." if legal_now else "This is final."
            status = self.status.replace("_", " ")
            raise Conflict(
                detail
                or f"“{verb}” is not possible while the {self.CALLED} is {status}. {possible}",
                code="illegal_transition",
                status_now=self.status,
                legal_from=sorted(self.MOVES[verb].sources),
                legal_now=legal_now,
            )

    def move(self, verb: str, target: StrEnum | None = None) -> None:
        """Move by `verb`; `target` is needed only where the table leaves it to the verb."""
        self.refuse_unless(verb)
        to = target.value if target is not None else self.MOVES[verb].target
        if to is None:
            raise ValueError(f"{verb} needs a target.")
        self.status = to


def statuses(*groups: Iterable[StrEnum]) -> tuple[StrEnum, ...]:
    """Several groups of statuses as one tuple, in order."""
    return tuple(status for group in groups for status in group)
