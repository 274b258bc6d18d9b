"""The plans that hot reads run by, as PostgreSQL itself tells them while they run.

`auto_explain` reports every statement with what each step of it really read, those inside functions
too, to a superuser who has become the serving role. The settings are those of the pool, but for the one
that forbids reading whole tables: a planner that may not would say nothing about indexes that are
missing. What counts is what was read: a table, or an index, from end to end is too much, whatever the
step is called.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import asyncpg

from app.core import clock, prepare
from app.core.crypto import token_hash
from app.core.hot import SETTINGS
from app.core.listing import ListQuery
from app.models.permissions import Permission, RecordScope
from app.services.hot import LISTS, ONES
from app.services.hot.building import Shape, built
from app.services.hot.registry import FIND
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
"""Rows that one step may look at for a page. A filter that holds of one row in fifty is read in the order
of the sort; what is rarer has an index of its own."""


def excesses(plan: Any) -> Iterator[str]:
    """The steps of a plan that looked at more than `MOST` rows, and the tables it read from end to end."""
    if isinstance(plan, dict):
        where = plan.get("Relation Name") or plan.get("Index Name")
        if where is not None:
            removed = (plan.get(f"Rows Removed by {by}", 0) for by in ("Filter", "Index Recheck"))
            looked_at = plan.get("Actual Loops", 0) * (plan.get("Actual Rows", 0) + sum(removed))
            if looked_at > MOST:
                yield f"looks at {looked_at:,.0f} rows of {where}"
        plan = list(plan.values())
    if isinstance(plan, list):
        for one in plan:
            yield from excesses(one)


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


async def excessive(setting: Setting) -> list[str]:
    """Which hot read looks at how many rows too many of what."""
    admin = setting.cluster.dsn(
        "truckroll", setting.cluster.superuser, setting.cluster.superuser_password
    )
    connection = await asyncpg.connect(admin)
    found: set[str] = set()
    user = await connection.fetchval(
        "select user_id from identity.sessions where access_hash = $1", token_hash(setting.token)
    )
    samples = await _samples(connection, setting)
    try:
        async with Report(connection) as report:
            for name, sql, arguments in _reads(setting, user, samples):
                async with connection.transaction():
                    await connection.execute(f"set local role {prepare.APP}")
                    await connection.execute(
                        f"select set_config('app.org_id', '{setting.org}', true)"
                    )
                    report.plans.clear()
                    try:
                        await connection.fetch(sql, *arguments)
                    except asyncpg.QueryCanceledError:
                        found.add(f"{name} does not end in time")
                        continue
                # the plan of the statement itself is told when it is closed
                assert report.plans, name
                found |= {f"{name} {excess}" for excess in excesses(report.plans)}
    finally:
        await connection.close()
    return sorted(found)


SAMPLES = {
    "list_work_orders": (
        "select status, customer_id, site_id, job_type_id, priority, number, 'nothing' as external_key,"
        " (select tag_id from taggings t where t.org_id = w.org_id limit 1) as tag_id,"
        " created_at as created_from, created_at as created_before from work_orders w"
    ),
    "list_visits": (
        "select status, work_order_id, planned_start as planned_from, planned_start as planned_before,"
        " planned_start as promised_from, planned_start as promised_before,"
        " (select technician_id from assignments a where a.org_id = v.org_id limit 1) as technician_id"
        " from visits v"
    ),
    "list_customers": (
        "select kind, stage, id as parent_id, phone, email, 'nothing' as external_key,"
        " id as tag_id, created_at as created_from, created_at as created_before from customers c"
    ),
}
"""What each filter of a list is asked with: what a row in the middle holds."""


async def _samples(connection: asyncpg.Connection, setting: Setting) -> dict[str, dict[str, Any]]:
    found = {}
    for name, sql in SAMPLES.items():
        row = await connection.fetchrow(
            f"{sql} where org_id = $1 and created_at > '2023-02-01' order by created_at limit 1",
            setting.org,
        )
        found[name] = dict(row)
    return found


def _reads(
    setting: Setting, user: Any, samples: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, str, list[Any]]]:
    rights = [one.value for one in Permission]
    caller = [token_hash(setting.token), clock.now(), "bench", "bench", ""]
    told = {"org": setting.org, "user": user, "permissions": rights, "limit": PAGE}
    for name, one in ONES.items():
        yield name, one.sql, [*caller, setting.ids[0]]
        for scope in RecordScope:
            statement = built(Shape(one.model, one.render, scope))
            asked = {**told, "id": setting.ids[0], "limit": 1}
            yield f"{name} ({scope})", statement.sql, statement.arguments(asked)
    for name, many in LISTS.items():
        whole = Shape(many.model, many.render, RecordScope.all, many.query, most=PAGE)
        for sort in (f"{way}{sort}" for sort in many.query.SORTS for way in ("", "-")):
            shape = replace(whole, sort=sort)
            for what, narrower, given in _filtered(shape, samples[name]):
                statement = built(narrower)
                yield (
                    f"{name} {what} by {sort}",
                    statement.sql,
                    statement.arguments({**told, **given}),
                )
    words = [f"%{setting.names[0]}%"]
    yield "search", FIND, [*caller, words, "", None, 20]


def _filtered(shape: Shape, sample: dict[str, Any]) -> Iterator[tuple[str, Shape, dict[str, Any]]]:
    """A list without a filter, and with each that it has."""
    yield "", shape, {}
    assert shape.query is not None
    for name in shape.query.model_fields.keys() - PLAIN:
        if name in sample:
            given = {f"given_{name}": sample[name]}
            yield name, replace(shape, given=frozenset({name})), given
            continue
        for way in (True, False):
            yield f"{name}={way}", replace(shape, switches=frozenset({(name, way)})), {}
