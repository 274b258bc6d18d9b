# ruff: noqa: S608  (names are the models' own; the rest is an organisation's id and a moment)
"""The database as it was: whatever a session reads from now on, it reads as of a past moment.

The journal has each row's columns before and after every change, so a row as it was is the row as it is
with the columns put back that changed since, each to what it was before the first change. What was made
since was not there; what was deleted since was. This is said to PostgreSQL in front of each statement, as
relations of the tables' own names, so that everything that reads the present reads the past by the same
words, and nothing is written twice. It only reads.

What was never written in the journal (secrets, pictures) is as it is at present.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import event, func, inspect, select

from app.core.errors import Conflict, Forbidden
from app.core.model import TenantModel
from app.models.assignments import Assignment
from app.models.bookings import Booking
from app.models.branches import Branch, Team, Territory, TerritoryMember
from app.models.crews import Crew, CrewMember
from app.models.customers import Customer
from app.models.events import Event, EventParticipant
from app.models.holidays import Holiday
from app.models.job_types import JobType
from app.models.journal import JournalEntry
from app.models.organisations import OrganisationSettings
from app.models.promises import Promise
from app.models.shifts import Shift
from app.models.sites import Site
from app.models.skills import JobTypeSkill, TechnicianSkill
from app.models.technicians import Technician
from app.models.time_off import TimeOff
from app.models.vehicles import Vehicle
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.facts import entity_of

MOST = 200_000
"""So many changes are taken back at most."""
TABLES: tuple[type[TenantModel], ...] = (
    Assignment, Booking, Branch, Crew, CrewMember, Customer, Event, EventParticipant, Holiday, JobType,
    JobTypeSkill, OrganisationSettings, Promise, Shift, Site, Team, Technician, TechnicianSkill, Territory,
    TerritoryMember, TimeOff, Vehicle, Visit, VisitVehicle, WorkOrder,
)  # fmt: skip
"""What a board is read from."""
BY_NAME = {one.__tablename__: one for one in TABLES}
NAMED = re.compile(rf"\b(?:from|join)\s+({'|'.join(BY_NAME)})\b", re.IGNORECASE)
KEPT = ("org_id", "id", "version", "created_at", "updated_at")
"""Columns that the journal does not hold among what changed."""


async def look_back(ctx: Ctx, moment: datetime) -> None:
    """Let this session see everything as of `moment`.

    Raises `Forbidden` for whoever does not see everything: what one's scope reached then is not what it
    reaches now. Raises `Conflict` `too_long_ago` where too much has changed since.
    """
    if not ctx.sees_all:
        raise Forbidden(
            f"Your role sees {ctx.record_scope.spoken}, and what that was at a past moment is not kept."
            " Ask for the board as it is.",
            code="scope_too_narrow",
        )
    since = (
        select(JournalEntry.id)
        .where(
            JournalEntry.entity.in_([entity_of(one) for one in TABLES]),
            JournalEntry.is_fact.is_(False),
            JournalEntry.at > moment,
        )
        .limit(MOST + 1)
    )
    changes = await ctx.session.scalar(select(func.count()).select_from(since.subquery()))
    if changes is not None and changes > MOST:
        raise Conflict(
            "More has changed since than can be taken back for a look. Ask for a later moment.",
            code="too_long_ago",
        )
    connection = (await ctx.session.connection()).sync_connection
    event.listen(
        connection, "before_cursor_execute", _looking_back(ctx.org_id, moment), retval=True
    )


def _looking_back(org_id: UUID, moment: datetime) -> Callable[..., tuple[str, Any]]:
    def before(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        if not statement.lstrip().lower().startswith(("select", "with")):
            return statement, parameters
        named = sorted({name.lower() for name in NAMED.findall(statement)})
        if not named:
            return statement, parameters
        put = ", ".join(_as_it_was(name, str(org_id), moment.isoformat()) for name in named)
        rest = statement.lstrip()
        if rest.lower().startswith("with "):
            return f"WITH {put}, {rest[5:]}", parameters
        return f"WITH {put} {rest}", parameters

    return before


@cache
def _columns(name: str) -> tuple[Mapping[str, str], Sequence[str]]:
    """The columns of a table, each with what it is for a row that was put back."""
    found = {}
    for column in inspect(BY_NAME[name]).columns:
        if column.name in KEPT:
            continue
        found[column.name] = f"r.{column.name}"
        if column.computed is not None:
            # what follows from other columns is not in the journal
            found[column.name] = re.sub(
                r"\b(during|street)\b", r"r.\1", str(column.computed.sqltext)
            )
    return found, [*KEPT, *found]


def _as_it_was(name: str, org: str, at: str) -> str:
    columns, _ = _columns(name)
    entity = entity_of(BY_NAME[name])
    put_back = ", ".join(columns.values())
    entries = (
        f"select e.* from public.journal e where e.org_id = '{org}'::uuid and e.entity = '{entity}'"
        f" and not e.is_fact and e.at > '{at}'::timestamptz"
    )
    return f"""since_{name} as materialized (
  select entity_id, min(id) as first, (array_agg(action order by id))[1] as action,
         (array_agg(version order by id))[1] as version
    from ({entries}) e group by entity_id),
before_{name} as materialized (
  select entity_id, jsonb_object_agg(key, value) as put_back from (
    select distinct on (e.entity_id, c.key) e.entity_id, c.key, c.value -> 0 as value
      from ({entries}) e, jsonb_each(e.changes) c where jsonb_typeof(c.value) = 'array'
     order by e.entity_id, c.key, e.id) c group by entity_id),
{name} as not materialized (
  select x.org_id, x.id, x.version, x.created_at, x.updated_at, {", ".join(f"x.{one}" for one in columns)}
    from public.{name} x
   where x.org_id = '{org}'::uuid and not exists (select from since_{name} s where s.entity_id = x.id)
  union all
  select '{org}'::uuid, s.entity_id, case s.action when 'updated' then s.version - 1 else s.version end,
         coalesce(x.created_at, (select min(j.at) from public.journal j
           where j.org_id = '{org}'::uuid and j.entity_id = s.entity_id)), coalesce(x.updated_at, '{at}'), {put_back}
    from since_{name} s
    left join public.{name} x on x.org_id = '{org}'::uuid and x.id = s.entity_id
    left join before_{name} b on b.entity_id = s.entity_id
   cross join lateral jsonb_populate_record(x, coalesce(b.put_back, '{{}}')) r
   where s.action <> 'created')"""
