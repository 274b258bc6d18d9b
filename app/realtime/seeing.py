"""Who sees which records: one question for all who have a scope, not one for each of them.

A hundred people who look at one board are told of one change. What each of them sees is what the model's
`visible_to` says of them (`app.services.reading`), asked with the viewer as a column.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    True_,
    Uuid,
    and_,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.model import TenantModel
from app.models.permissions import RecordScope
from app.models.visits import Visit
from app.realtime.topics import Kinds
from app.services.identity.live import Standing
from app.services.reading import THROUGH, readable, readable_of

Seen = Mapping[Standing, Collection[UUID]]
"""Who sees which records; whoever sees none may be missing."""
Record = tuple[str, UUID]
"""The journal's word for its kind, and its id."""
Reach = Callable[[Any], ColumnElement[bool]]
"""What a viewer reaches of a model."""


async def seen_by(
    session: AsyncSession, kinds: Kinds, asked: Mapping[Standing, Collection[Record]]
) -> dict[Standing, set[Record]]:
    """Of the records that each asks about, those they may read."""
    records: dict[str, set[UUID]] = defaultdict(set)
    asking: dict[str, set[Standing]] = defaultdict(set)
    for who, some in asked.items():
        for entity, id in some:
            if entity in kinds and who.may(kinds[entity][1]):
                records[entity].add(id)
                asking[entity].add(who)
    found: dict[Standing, set[Record]] = {who: set() for who in asked}
    for entity, people in asking.items():
        seen = await read_by(session, kinds[entity][0], records[entity], people)
        for who in people:
            found[who] |= {(entity, id) for id in seen.get(who, ())}
    return found


async def read_by(
    session: AsyncSession,
    model: type[TenantModel],
    records: Collection[UUID],
    people: Collection[Standing],
) -> Seen:
    """Which of these records each of some people may read who have the model's permission."""
    seen: dict[Standing, Collection[UUID]] = {}
    for scope in {who.record_scope for who in people}:
        group = {who for who in people if who.record_scope is scope}
        if model in THROUGH:
            seen |= await _one_by_one(session, model, records, group)
        else:
            seen |= await reached_by(session, model, records, group)
    return seen


async def once_seen_by(
    session: AsyncSession, visits: Collection[UUID], people: Collection[Standing]
) -> Seen:
    """Which of these visits each of them sees, or saw before they were taken off it."""
    seen: dict[Standing, Collection[UUID]] = {}
    for scope in {who.record_scope for who in people}:
        group = {who for who in people if who.record_scope is scope}
        seen |= await reached_by(session, Visit, visits, group, Visit.once_visible_to)
    return seen


async def reached_by(
    session: AsyncSession,
    model: type[TenantModel],
    records: Collection[UUID],
    group: Collection[Standing],
    reach: Reach | None = None,
) -> Seen:
    """Which of these records each of a group reaches, all of whom are of one organisation and scope."""
    if not records or not group:
        return {}
    one = next(iter(group))
    reach = reach or model.visible_to
    if isinstance(reach(one), True_):
        return dict.fromkeys(group, records)
    users = sorted({who.user_id for who in group})
    listed = func.unnest(cast(users, ARRAY(Uuid()))).table_valued("id")
    listed = listed.render_derived(name="viewer")
    user = type_coerce(listed.c.id, Uuid())
    reached = reach(_Everyone(one.org_id, one.record_scope))
    statement = (
        select(user, func.array_agg(model.id))
        .select_from(listed)
        .join(model.id.class_, and_(model.id.in_(records), reached))
        .group_by(user)
    )
    found = {id: set(ids) for id, ids in await session.execute(statement)}
    return {who: found.get(who.user_id, ()) for who in group}


async def _one_by_one(
    session: AsyncSession,
    model: type[TenantModel],
    records: Collection[UUID],
    people: Collection[Standing],
) -> Seen:
    """What hangs on records is asked in steps, for each person once."""
    known: dict[UUID, Collection[UUID]] = {}
    for who in people:
        if who.user_id in known:
            continue
        if isinstance(readable(model, who), True_):
            known[who.user_id] = records
        else:
            known[who.user_id] = await readable_of(session, model, records, who)
    return {who: known[who.user_id] for who in people}


class _Everyone:
    """A viewer who is a column: many people with one scope, asked about in one statement. It is said by
    its name, so that a subquery means whom the statement around it lists, and lists nobody itself."""

    user_id: Any = literal_column("viewer.id", Uuid())

    def __init__(self, org_id: UUID, scope: RecordScope) -> None:
        self.org_id = org_id
        self.sees_all = scope is RecordScope.all
        self.sees_team = scope.reach >= RecordScope.team.reach
        self.sees_territory = scope.reach >= RecordScope.territory.reach
