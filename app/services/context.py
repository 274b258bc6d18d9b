"""`Ctx`: who is acting, in which organisation, with which rights, in which transaction.

Every verb takes one first. Requests, jobs, imports and tests build the same thing. `ctx.get` and
`ctx.select` are the only way to a record: both apply the record scope of the role, so what a person
may not see is not there.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.interfaces import ORMOption

from app.core.errors import FieldError, Forbidden, NotFound, Stale
from app.core.model import SoftDeleted, TenantModel
from app.models.flags import Flags
from app.models.organisations import OrganisationSettings
from app.models.permissions import Permission, RecordScope
from app.models.sensitive import veiled

M = TypeVar("M", bound=TenantModel)


def called(model: type[TenantModel]) -> str:
    """The table's word for one record, for sentences: `work_orders` → “work order”."""
    words = {
        "branches": "branch",
        "companies": "company",
        "site_parties": "site party",
        "territories": "territory",
        "organisation_settings": "organisation",
    }
    name: str = model.__tablename__
    return words.get(name, name.removesuffix("s").replace("_", " "))


@dataclass
class Ctx:
    """One acting person (or job) in one organisation for one transaction."""

    session: AsyncSession
    org_id: UUID
    user_id: UUID | None
    """The member acting; None for the clock and the system."""
    permissions: frozenset[str]
    record_scope: RecordScope = RecordScope.all
    role_level: int = 0
    source: str = "system"
    request_id: str = ""
    session_id: UUID | None = None
    _organisation: OrganisationSettings | None = field(default=None, repr=False)
    later: list[Any] | None = field(default=None, repr=False)
    """Facts that are written together at the end of a batch; None: each at once."""

    @property
    def sees_all(self) -> bool:
        return self.record_scope is RecordScope.all

    @property
    def sees_team(self) -> bool:
        """Whether the scope reaches the work of one's team, or further."""
        return self.record_scope.reach >= RecordScope.team.reach

    @property
    def sees_territory(self) -> bool:
        """Whether the scope reaches what lies in one's territories, or further."""
        return self.record_scope.reach >= RecordScope.territory.reach

    @property
    def sees_only_own(self) -> bool:
        """Whether one works in the field: sees, and answers for, nothing but one's own work."""
        return self.record_scope is RecordScope.own

    def may(self, permission: Permission) -> bool:
        """Whether the role has `permission`."""
        return permission.value in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` with the missing permission named."""
        if not self.may(permission):
            raise Forbidden(
                f"Your role lacks the permission {permission.value}.",
                permission=permission.value,
            )

    def refuse_placing(self) -> None:
        """Raise `Forbidden` for whoever does not see everything: saying who belongs where, leads
        whom or signs in as whom decides what a scope reaches, and they could reach further by it."""
        if not self.sees_all:
            raise Forbidden(
                "Only somebody whose role sees everything says who belongs where.",
                code="above_own_role",
            )

    def select(self, model: type[M], *, deleted: bool = False, reached: bool = False) -> Select[M]:
        """The records of `model` this person may see; soft-deleted ones only when asked for. `reached`:
        whoever asks knows that they may, by way of what these hang on."""
        statement = select(model)
        if not reached:
            statement = statement.where(model.visible_to(self))
        if issubclass(model, SoftDeleted) and not deleted:
            statement = statement.where(model.deleted_at.is_(None))
        return statement

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
        """One visible record, or `NotFound`.

        `at` is the version the caller saw: another one raises `Stale` with the present row, and the
        row is locked, so that it cannot move before the change is written. `lock` only locks.
        `fresh` reads again what this transaction has loaded already, its collections too.
        `pointer` names the body field that held the id, for the problem document. `reached`: that
        it is visible is known already, by way of the record that it hangs on.
        """
        visible = self.select(model, deleted=deleted, reached=reached)
        statement = visible.where(model.id == id).options(*options)
        if lock or at is not None:
            statement = statement.with_for_update(key_share=True, of=model)
        if lock or fresh or at is not None:
            statement = statement.execution_options(populate_existing=True)
        row = (await self.session.execute(statement)).unique().scalar_one_or_none()
        if row is None:
            detail = f"There is no such {called(model)}."
            raise NotFound(
                detail, errors=[FieldError(pointer, "not_found", detail)] if pointer else ()
            )
        if at is not None and row.version != at:
            raise Stale(
                f"This {called(model)} was changed by somebody else (version {row.version},"
                f" you saw {at}). Look at the current row and try again.",
                row=row,
            )
        return row

    async def get_all(self, model: type[M], ids: Sequence[UUID], *, pointer: str) -> list[M]:
        """The visible records of `ids`, in that order, with one query.

        `pointer` names the body field of each id, with `{}` for its place: `/parties/{}/customer_id`.
        Raises `NotFound` about the first that is not there.
        """
        if not ids:
            return []
        rows = await self.session.scalars(self.select(model).where(model.id.in_(ids)))
        found = {row.id: row for row in rows}
        for place, id in enumerate(ids):
            if id not in found:
                detail = f"There is no such {called(model)}."
                raise NotFound(
                    detail, errors=[FieldError(pointer.format(place), "not_found", detail)]
                )
        return [found[id] for id in ids]

    async def organisation(self) -> OrganisationSettings:
        """The organisation's settings, read once per transaction."""
        if self._organisation is None:
            self._organisation = (
                await self.session.execute(select(OrganisationSettings))
            ).scalar_one()
        return self._organisation

    async def flags(self) -> Flags:
        """What the organisation does differently, defaults filled in."""
        return Flags.model_validate((await self.organisation()).flags)

    async def once(self, question: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """The answer to a question that a batch asks only once; here it is asked anew."""
        return await ask()

    async def together(
        self, what: Hashable, value: Any, do: Callable[[list[Any]], Awaitable[None]]
    ) -> None:
        """Do this with `value`; a batch does it at its end, once with all values of one `what`."""
        await do([value])

    async def add(self, row: M) -> M:
        """Add a row and flush, so that what the database fills in is there."""
        self.session.add(row)
        await self.session.flush()
        return row


def changed(row: TenantModel, *, by_all: bool = False) -> list[str]:
    """Names of the columns that differ from what was loaded, before a flush; `by_all`: only those in
    which everybody sees a difference, for sentences that everybody reads."""
    state = inspect(row)
    histories = {attr.key: state.attrs[attr.key].history for attr in state.mapper.column_attrs}
    differing = {
        name: [[*one.deleted, None][0], [*one.added, None][0]]
        for name, one in histories.items()
        if one.has_changes()
    }
    return sorted(veiled(type(row), differing, lambda _: False) if by_all else differing)
