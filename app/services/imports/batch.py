"""A batch: the same verbs as ever, with fewer trips to the database.

What the rows of a batch belong to is loaded before and handed out from memory; what they make is
written together at the end, what they change alike in one statement, and so are the facts about it. Who may see what, and what is refused, is
as in any other `Ctx`: only records that a `Ctx` has found are known here.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy.orm.interfaces import ORMOption

from app.core.alike import write_alike
from app.core.ids import new_id
from app.core.model import TenantModel
from app.services.context import Ctx, M
from app.services.facts import emit_all

Gathered: TypeAlias = tuple[list[Any], Callable[[list[Any]], Awaitable[None]]]


@dataclass
class Batch(Ctx):
    """Acts as the `Ctx` that it was made `of`, until it is `settled`."""

    known: dict[tuple[type[TenantModel], UUID], Any] = field(default_factory=dict)
    answers: dict[Hashable, Any] = field(default_factory=dict)
    gathered: dict[Hashable, Gathered] = field(default_factory=dict)

    @classmethod
    def of(cls, ctx: Ctx) -> "Batch":
        """A batch in the same transaction."""
        batch = cls(**{one.name: getattr(ctx, one.name) for one in fields(Ctx)})
        batch.later = []
        return batch

    def know(self, records: Iterable[TenantModel]) -> None:
        """These were loaded, and locked where verbs lock them: `get` need not ask for them."""
        self.known.update({(type(record), record.id): record for record in records})

    async def get(
        self,
        model: type[M],
        id: UUID,
        *,
        at: int | None = None,
        lock: bool = False,
        deleted: bool = False,
        fresh: bool = False,
        options: Sequence[ORMOption] = (),
        pointer: str | None = None,
        reached: bool = False,
    ) -> M:
        """One visible record; without a query, when the batch knows it."""
        found: M | None = self.known.get((model, id))
        gone = getattr(found, "deleted_at", None) is not None and not deleted
        if found is not None and not gone and not fresh and at is None and not options:
            return found
        return await super().get(
            model,
            id,
            at=at,
            lock=lock,
            deleted=deleted,
            fresh=fresh,
            options=options,
            pointer=pointer,
            reached=reached,
        )

    async def get_all(self, model: type[M], ids: Sequence[UUID], *, pointer: str) -> list[M]:
        """The visible records of `ids`; without a query, when the batch knows them all."""
        found = [self.known.get((model, id)) for id in ids]
        if all(one is not None and getattr(one, "deleted_at", None) is None for one in found):
            return found  # type: ignore[return-value]
        return await super().get_all(model, ids, pointer=pointer)

    async def add(self, row: M) -> M:
        """Add a row; it is written when the batch is settled."""
        row.id = row.id or new_id()
        self.session.add(row)
        self.know([row])
        return row

    async def once(self, question: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, asked for once in a batch."""
        if question not in self.answers:
            self.answers[question] = await ask()
        return self.answers[question]

    async def together(
        self, what: Hashable, value: Any, do: Callable[[list[Any]], Awaitable[None]]
    ) -> None:
        """It is done when the batch is settled."""
        self.gathered.setdefault(what, ([], do))[0].append(value)

    async def settled(self) -> None:
        """Write what was made, then what is told of it, then what was to be done together."""
        told, self.later = self.later or [], None
        await write_alike(self.session, list(self.session.dirty))
        await emit_all(self, told)
        gathered, self.gathered = self.gathered, {}
        for values, do in gathered.values():
            await do(values)
        self.later = []
