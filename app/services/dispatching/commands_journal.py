"""What a command did, as the journal has it: its entries, and what touched the same rows since.

The statements are written out because the journal is asked by transaction and by ranges of ids, for
many commands at once; each names the organisation itself.

A command that was undone has done nothing: of others that touched a row later, those count that were
done and undone (or undone and redone) an odd number of times since. The status of a work order
follows from its visits: theirs, and not its own, say whether somebody touched them. Of a work order that
the command made, what stands in it and is not the command's own touches it, too: a visit, an invoice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.services.context import Ctx

_RECORD = text(
    "with mine as ("
    "  select min(id) as first, max(id) as last from journal"
    "  where org_id = :org and xid = pg_current_xact_id_if_assigned()"
    "  having bool_or(not is_fact)),"
    " command as ("
    "  insert into commands (org_id, id, operation, permission, asked_by_id, request_id, step)"
    "  select cast(:org as uuid), cast(:id as uuid), cast(:operation as text),"
    "   cast(:permission as text), cast(:who as uuid), cast(:request_id as text), 0"
    "  from mine returning id)"
    " insert into command_runs (org_id, id, command_id, step, xid, first_entry, last_entry)"
    " select cast(:org as uuid), cast(:run_id as uuid), command.id, 0, pg_current_xact_id(),"
    "  mine.first, mine.last"
    " from mine, command"
)
_RUN = text(
    "insert into command_runs (org_id, id, command_id, step, xid, first_entry, last_entry)"
    " select cast(:org as uuid), cast(:id as uuid), cast(:command_id as uuid), cast(:step as bigint),"
    "  pg_current_xact_id(), min(id), max(id) from journal"
    " where org_id = :org and xid = pg_current_xact_id_if_assigned()"
    " having bool_or(not is_fact)"
)


async def record(ctx: Ctx, *, id: UUID, run_id: UUID, operation: str, permission: str) -> None:
    """Note that this transaction is a command, unless it has changed nothing. One statement."""
    await ctx.session.flush()
    connection = await ctx.session.connection()
    await connection.execute(
        _RECORD,
        {
            "org": ctx.org_id,
            "id": id,
            "run_id": run_id,
            "operation": operation,
            "permission": permission,
            "who": ctx.user_id,
            "request_id": ctx.request_id,
        },
    )


async def record_run(ctx: Ctx, *, id: UUID, command_id: UUID, step: int) -> None:
    """Note that this transaction is one of a command's, unless it has changed nothing."""
    await ctx.session.flush()
    connection = await ctx.session.connection()
    await connection.execute(
        _RUN, {"org": ctx.org_id, "id": id, "command_id": command_id, "step": step}
    )


@dataclass(frozen=True)
class Entry:
    """What one entry of the journal says of a row, or, for a fact, of what happened."""

    command_id: UUID
    id: int
    at: datetime
    entity: str
    entity_id: UUID
    action: str
    is_fact: bool
    changes: Mapping[str, Any]


_ENTRIES = text(
    "select r.command_id, j.id, j.at, j.entity, j.entity_id, j.action, j.is_fact, j.changes"
    " from commands c"
    " join command_runs r on r.org_id = c.org_id and r.command_id = c.id"
    "  and r.step = case when :first then 0 else c.step end"
    " join journal j on j.org_id = c.org_id and j.xid = r.xid"
    "  and j.id between r.first_entry and r.last_entry"
    " where c.org_id = :org and c.id = any(cast(:ids as uuid[]))"
    "  and (not :facts or (j.is_fact and c.bulk_action_id is null))"
    " order by j.id"
)


async def entries(ctx: Ctx, command_id: UUID) -> list[Entry]:
    """What was done when the command was last done, undone or redone, in order."""
    return await _entries(ctx, [command_id], first=False, facts=False)


async def facts(ctx: Ctx, command_ids: Sequence[UUID]) -> dict[UUID, list[Entry]]:
    """The facts of when these commands were done, in order; of bulk actions none: they are many."""
    found: dict[UUID, list[Entry]] = {one: [] for one in command_ids}
    for entry in await _entries(ctx, command_ids, first=True, facts=True):
        found[entry.command_id].append(entry)
    return found


async def _entries(ctx: Ctx, ids: Sequence[UUID], *, first: bool, facts: bool) -> list[Entry]:
    connection = await ctx.session.connection()
    rows = await connection.execute(
        _ENTRIES, {"org": ctx.org_id, "ids": list(ids), "first": first, "facts": facts}
    )
    return [
        Entry(
            command_id=row.command_id,
            id=row.id,
            at=row.at,
            entity=row.entity,
            entity_id=row.entity_id,
            action=row.action,
            is_fact=row.is_fact,
            changes=_read(row.changes),
        )
        for row in rows
    ]


def _read(changes: Any) -> Mapping[str, Any]:
    """The driver hands JSON over as it came when a statement names no types."""
    read: Mapping[str, Any] = orjson.loads(changes) if isinstance(changes, str) else changes
    return read


@dataclass(frozen=True)
class Touched:
    """Who changed a row of a command after it, last."""

    command_id: UUID
    entity: str
    entity_id: UUID
    at: datetime
    by_id: UUID | None
    by_name: str | None
    work_order: str | None
    """The work order of the command in which it was put, by its number; None: it changed a row."""


_TOUCHED = text(
    "with own as ("
    "  select r.command_id, r.step, j.entity, j.entity_id, max(r.last_entry) as until"
    "  from commands c"
    "  join command_runs r on r.org_id = c.org_id and r.command_id = c.id and r.step = c.step"
    "  join journal j on j.org_id = c.org_id and j.xid = r.xid"
    "   and j.id between r.first_entry and r.last_entry"
    "  where c.org_id = :org and c.id = any(cast(:ids as uuid[]))"
    "   and not j.is_fact and j.entity = any(cast(:entities as text[]))"
    "   and (j.entity <> 'work_order' or j.action = 'created' or j.changes ? 'deleted_at')"
    "  group by r.command_id, r.step, j.entity, j.entity_id),"
    " later as ("
    "  select own.command_id, own.until, j.id, j.at, j.entity, j.entity_id, j.actor_id,"
    "   r.command_id as by_command, null as work_order"
    "  from own"
    "  join journal j on j.org_id = :org and j.entity_id = own.entity_id and j.id > own.until"
    "   and not j.is_fact and (j.entity <> 'work_order' or"
    "    j.changes - cast('{status,status_reason,completed_at}' as text[]) <> '{}')"
    "  left join command_runs r on r.org_id = :org and r.xid = j.xid"
    "   and j.id between r.first_entry and r.last_entry"
    "  union all"
    "  select own.command_id, own.until, j.id, j.at, put.entity, put.id, j.actor_id, null, w.number"
    "  from own"
    "  join work_orders w on w.org_id = :org and w.id = own.entity_id and w.deleted_at is null"
    "  cross join lateral ("
    "   select 'visit' as entity, v.id from visits v where v.org_id = :org"
    "    and v.work_order_id = w.id and v.deleted_at is null and not exists ("
    "     select from own its where its.command_id = own.command_id and its.entity_id = v.id)"
    "   union all"
    "   select 'invoice', i.id from invoices i where i.org_id = :org"
    "    and i.work_order_id = w.id and i.deleted_at is null) put"
    "  join journal j on j.org_id = :org and j.entity_id = put.id and j.action = 'created'"
    "   and not j.is_fact"
    "  where own.entity = 'work_order' and own.step % 2 = 0)"
    " select distinct on (later.command_id) later.command_id, later.entity, later.entity_id,"
    "  later.at, later.actor_id, m.name, later.work_order"
    " from later left join members m on m.org_id = :org and m.id = later.actor_id"
    " where by_command is null or (by_command <> later.command_id and"
    "  (select count(distinct o.step) from command_runs o where o.org_id = :org"
    "    and o.command_id = later.by_command and o.last_entry > later.until) % 2 = 1)"
    " order by later.command_id, later.entity in ('visit', 'event') desc, later.id desc"
)


async def touched(
    ctx: Ctx, command_ids: Sequence[UUID], entities: Sequence[str]
) -> dict[UUID, Touched]:
    """Of these commands those whose rows somebody has changed since, with who did so last."""
    connection = await ctx.session.connection()
    rows = await connection.execute(
        _TOUCHED,
        {
            "org": ctx.org_id,
            "ids": list(command_ids),
            "entities": list(entities),
        },
    )
    return {row.command_id: Touched(*row) for row in rows}


_MADE_AT = text(
    "select entity_id, min(at) as at from journal where org_id = :org"
    " and entity_id = any(cast(:ids as uuid[])) and not is_fact and action = 'created'"
    " group by entity_id"
)


async def made_at(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When these rows were first made: rows that come back keep their place among the others."""
    if not ids:
        return {}
    connection = await ctx.session.connection()
    rows = await connection.execute(_MADE_AT, {"org": ctx.org_id, "ids": list(ids)})
    return {row.entity_id: row.at for row in rows}
