"""The plans that hot reads and the hot create run by, as PostgreSQL itself tells them while they run.

`auto_explain` reports every statement with what each step of it really read, those inside functions
too, to a superuser who has become the serving role. The settings are those of the pool, but for the one
that forbids reading whole tables: a planner that may not would say nothing about indexes that are
missing. What counts is what was read: a table, or an index, from end to end is too much, whatever the
step is called.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from sqlalchemy import func, select

from app.core import clock, prepare
from app.core.contacts import person_sort_name
from app.core.crypto import token_hash
from app.core.hot import SETTINGS
from app.core.listing import ListQuery
from app.models.customers import Customer
from app.models.permissions import Permission, RecordScope
from app.models.sites import Site
from app.models.visits import Visit
from app.models.work_orders import WorkOrder
from app.services.hot import LISTS, ONES
from app.services.hot.building import built, built_search, written
from app.services.hot.paging import Way, way_of
from app.services.hot.registry import ADD_CUSTOMER, FIND
from app.services.hot.shapes import ORG, AnyViewer, Shape
from app.services.search import SEARCHED
from bench.measuring import name_of
from bench.rows import VIEWERS
from bench.setting import Setting

REPORT = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "client_min_messages": "log",
    "enable_seqscan": "on",
}
PLAIN = ListQuery.model_fields.keys()
PAGE = 50
MOST = 50 * PAGE
"""Rows that one step may look at for a page: a filter that holds of one row in fifty may be read in the
order of the sort.

That is the bound of every list without a filter, and of those whose filter an index holds in the order of
the sort. Where the filter is one thing and the sort another, a result has to be found whole before it is
sorted: such a list may look at `MOST` and at as many rows as match, but at those only when there is no page
among the first thousand rows in the order (`app.services.hot.paging`). Somebody who sees only some
records may look at `MOST` and at as much as they see."""


def nodes(plan: Any) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    if isinstance(plan, dict):
        yield plan
        plan = list(plan.values())
    if isinstance(plan, list):
        for one in plan:
            yield from nodes(one)


def looked_at(plan: Any) -> dict[str, int]:
    """How many rows the dearest step on each table or index looked at."""
    found: dict[str, int] = {}
    for step in nodes(plan):
        where = step.get("Relation Name") or step.get("Index Name")
        if where is not None:
            removed = (step.get(f"Rows Removed by {by}", 0) for by in ("Filter", "Index Recheck"))
            rows = step.get("Actual Loops", 0) * (step.get("Actual Rows", 0) + sum(removed))
            found[where] = max(found.get(where, 0), round(rows))
    return found


def gathered(plan: Any) -> bool:
    """Whether all that matches was gathered."""
    return any(
        step.get("Subplan Name") == "CTE matching" and step.get("Actual Loops")
        for step in nodes(plan)
    )


@dataclass(frozen=True)
class Read:
    """A question to ask, and how many rows its result is beyond `MOST`, if all of it is gathered."""

    kind: str
    name: str
    sql: str
    arguments: list[Any]
    whole: int = 0


@dataclass
class Findings:
    """What reads looked at."""

    excesses: list[str] = field(default_factory=list)
    dearest: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Kind of read → the most rows that a step looked at, and where."""

    def note(self, read: Read, plan: Any) -> None:
        allowed = MOST + (read.whole if gathered(plan) or read.kind.startswith("search") else 0)
        for where, rows in looked_at(plan).items():
            if rows > allowed:
                self.excesses.append(f"{read.name} looks at {rows:,} rows of {where}")
            if rows > self.dearest.get(read.kind, (-1, ""))[0]:
                self.dearest[read.kind] = rows, f"{where}, {read.name}"


class Report:
    """The plans of what is asked on one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.plans: list[Any] = []

    async def __aenter__(self) -> "Report":
        await self._connection.execute("load 'auto_explain'")
        for name, value in {**SETTINGS, **REPORT}.items():
            await self._connection.execute(f"select set_config('{name}', '{value}', false)")
        self._connection.add_log_listener(self._note)
        return self

    def _note(self, _: Any, message: Any) -> None:
        _, _, told = str(message.message).partition("plan:\n")
        if told:
            self.plans.append(json.loads(told))

    async def __aexit__(self, *_: object) -> None:
        self._connection.remove_log_listener(self._note)


@asynccontextmanager
async def undone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A transaction of which nothing is left."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


async def looked(setting: Setting) -> Findings:
    """What every hot read looks at, and which looks at too much."""
    admin = setting.cluster.dsn(
        "truckroll", setting.cluster.superuser, setting.cluster.superuser_password
    )
    connection = await asyncpg.connect(admin)
    findings = Findings()
    try:
        reads = [one async for one in _reads(connection, setting)]
        async with Report(connection) as report:
            for read in reads:
                async with undone(connection):
                    await connection.execute(f"set local role {prepare.APP}")
                    await connection.execute(
                        f"select set_config('app.org_id', '{setting.org}', true)"
                    )
                    report.plans.clear()
                    try:
                        await connection.fetch(read.sql, *read.arguments)
                    except asyncpg.QueryCanceledError:
                        findings.excesses.append(f"{read.name} does not end in time")
                        continue
                # the plan of the statement itself is told when it is closed
                assert report.plans, read.name
                findings.note(read, report.plans)
    finally:
        await connection.close()
    return findings


SAMPLES = {
    "list_work_orders": (
        "select status, customer_id, site_id, job_type_id, priority, number, 'nothing' as external_key,"
        " (select tag_id from taggings t where t.org_id = w.org_id and t.entity_id = w.id limit 1) as tag_id,"
        " created_at as created_from, created_at as created_before from work_orders w"
        " where org_id = $1 and number = 'W-' || lpad($2::text, 6, '0')"
    ),
    "list_visits": (
        "select status, work_order_id, planned_start as planned_from, planned_start as planned_before,"
        " planned_start as promised_from, planned_start as promised_before,"
        " (select technician_id from assignments a where a.org_id = v.org_id and a.visit_id = v.id)"
        " as technician_id from visits v where org_id = $1 and id = md5('v' || $2::text || $1::text)::uuid"
    ),
    "list_customers": (
        "select kind, stage, coalesce(parent_id, id) as parent_id, phone, email, 'nothing' as external_key,"
        " (select tag_id from taggings t where t.org_id = c.org_id and t.entity_id = c.id limit 1) as tag_id,"
        " created_at as created_from, created_at as created_before from customers c"
        " where org_id = $1 and id = md5('c' || $2::int / 5 || $1::text)::uuid"
    ),
}
"""What each filter of a list is asked with: what this row holds."""
ROWS = {"common": 615, "rare": 500}
"""Of the first thousand, which are the last in a list that begins with the newest. A row without a
technician, a tag or the like is asked for those of nobody."""


async def _samples(
    connection: asyncpg.Connection, setting: Setting
) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, sql in SAMPLES.items():
        for which, n in ROWS.items():
            row = await connection.fetchrow(sql.replace("$2", str(n)), setting.org)
            found[name, which] = {
                column: setting.org if value is None else value for column, value in row.items()
            }
    found["list_visits", "rare"] |= {"technician_id": await _id(connection, setting, "h", "20")}
    return found


async def _id(connection: asyncpg.Connection, setting: Setting, what: str, n: str = "0") -> UUID:
    id: UUID = await connection.fetchval(
        "select md5($1::text || $2 || $3::text)::uuid", what, n, str(setting.org)
    )
    return id


async def _reads(connection: asyncpg.Connection, setting: Setting) -> AsyncIterator[Read]:
    samples = await _samples(connection, setting)
    everything = {"org": setting.org, "permissions": [one.value for one in Permission]}
    caller = [token_hash(setting.token), clock.now(), "bench", "bench", ""]
    words = [f"%{setting.names[0]}%"]
    yield Read("search", "search", FIND, [*caller, words, "", None, 20])
    for told in ({}, STRANGER):
        for name in (name_of(setting.next()), setting.people[0]):
            title = f"create {name}{', phone, e-mail, address' if told else ''}"
            yield Read("create", title, ADD_CUSTOMER, [*caller, *_added(name, told)])
    for name, one in ONES.items():
        yield Read("get", name, one.sql, [*caller, setting.ids[0]])
    for name, many in LISTS.items():
        shape = Shape(many.model, many.render, RecordScope.all, many.query, most=PAGE)
        told = {**everything, "user": setting.org, "limit": PAGE}
        for sort in (f"{way}{sort}" for sort in many.query.SORTS for way in ("", "-")):
            for what, narrower, given in _filtered(replace(shape, sort=sort), name, samples):
                statement = built(narrower)
                values = {**told, **given}
                way = way_of(narrower)
                whole = 0 if way is Way.in_order else await _matches(connection, narrower, values)
                title = f"{name} {what} by {sort}"
                kind = f"list, {way.value}" if what else "list"
                yield Read(kind, title, statement.sql, statement.arguments(values), whole)
    for viewer in VIEWERS:
        told = {**everything, "user": await _id(connection, setting, viewer), "limit": PAGE}
        for scope in (one for one in RecordScope if one is not RecordScope.all):
            seen = await _seen(connection, scope, told)
            for name, one in ONES.items():
                statement = built(Shape(one.model, one.render, scope))
                asked = {**told, "id": setting.ids[0], "limit": 1}
                title = f"{name} of {viewer} ({scope})"
                yield Read("get, narrow", title, statement.sql, statement.arguments(asked))
            for name, many in LISTS.items():
                shape = Shape(many.model, many.render, scope, many.query, most=PAGE)
                for what, narrower, given in _filtered(shape, name, samples):
                    statement = built(narrower)
                    title = f"{name} {what} of {viewer} ({scope})"
                    values = statement.arguments({**told, **given})
                    yield Read(f"list of {viewer}", title, statement.sql, values, seen)
                for sort in many.query.SORTS:
                    statement = built(replace(shape, sort=sort))
                    title = f"{name} of {viewer} ({scope}) by {sort}"
                    yield Read(
                        f"list of {viewer}", title, statement.sql, statement.arguments(told), seen
                    )
            statement = built_search(scope, tuple(SEARCHED))
            asked = {**told, "words": words, "digits": "", "entities": list(SEARCHED), "limit": 20}
            title = f"search of {viewer} ({scope})"
            yield Read(
                f"search of {viewer}", title, statement.sql, statement.arguments(asked), seen
            )


STRANGER = {
    "email": "nobody@example.org",
    "phone": "+16202999999",
    "second_phone": "+16202999998",
    "street": "899999 Main Street",
    "code": "66604",
}


def _added(name: str, told: dict[str, str]) -> list[Any]:
    """What is sent of a new customer after who sends it."""
    known = [told.get(one) for one in ("email", "phone", "second_phone", "street")]
    rest = [None, None, told.get("code"), None, False, None, None, None, None]
    named = ["person", "active", name, person_sort_name(name)]
    return [None, None, b"", uuid4(), *named, *known, *rest]


async def _matches(connection: asyncpg.Connection, shape: Shape, values: dict[str, Any]) -> int:
    """How many rows the filters of a list match."""
    query = shape.asked()
    rows = select(func.count()).select_from(shape.model).where(*query.conditions())
    statement = written(rows.where(shape.model.org_id == ORG))
    found: int = await connection.fetchval(statement.sql, *statement.arguments(values))
    return found


async def _seen(connection: asyncpg.Connection, scope: RecordScope, values: dict[str, Any]) -> int:
    """How many records of one kind somebody sees, of the kind they see most of."""
    counts = [0]
    for model in (Customer, Site, WorkOrder, Visit):
        rows = select(func.count()).select_from(model)
        rows = rows.where(model.org_id == ORG, model.visible_to(AnyViewer(scope)))
        statement = written(rows)
        counts.append(await connection.fetchval(statement.sql, *statement.arguments(values)))
    return max(counts)


def _filtered(
    shape: Shape, name: str, samples: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[tuple[str, Shape, dict[str, Any]]]:
    """A list without a filter, and with each that it has, of values that many rows have and few."""
    yield "", shape, {}
    assert shape.query is not None
    for wanted in sorted(shape.query.model_fields.keys() - PLAIN):
        if wanted in samples[name, "rare"]:
            for which in ROWS:
                given = {f"given_{wanted}": samples[name, which][wanted]}
                yield f"{wanted} ({which})", replace(shape, given=frozenset({wanted})), given
            continue
        for way in (True, False):
            yield f"{wanted}={way}", replace(shape, switches=frozenset({(wanted, way)})), {}


class Looks:
    """What hot reads look at, at each size."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._found: dict[str, Findings] = {}

    async def note(self, size: str) -> None:
        """Ask everything at this size."""
        self._found[size] = await looked(self._setting)

    def show(self) -> bool:
        """Print the most rows that one step of each kind of read looked at; whether none was too much."""
        print(
            f"\n{'rows that the dearest step looks at':38}"
            + "".join(f"{s:>10}" for s in self._found)
        )
        *_, last = self._found.values()
        for kind, (_, where) in last.dearest.items():
            rows = "".join(f"{one.dearest[kind][0]:>10,}" for one in self._found.values())
            print(f"{kind:38}{rows}   {where}")
        excesses = [f"{one} ({s})" for s, found in self._found.items() for one in found.excesses]
        print("\nhot reads that look at more than what they answer needs:")
        print("\n".join(excesses) if excesses else "none")
        return not excesses
