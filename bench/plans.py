"""The plans that hot reads run by, as PostgreSQL itself tells them while they run.

`auto_explain` reports every statement, those inside functions too, to a superuser who has become the
serving role. The settings are those of the pool, so the plans are the ones that serve.
"""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg

from app.core import clock, prepare
from app.core.crypto import token_hash
from app.core.hot import SETTINGS
from app.models.permissions import Permission, RecordScope
from app.services.hot import LISTS, ONES
from app.services.hot.building import Shape, built, built_search
from app.services.hot.registry import FIND
from app.services.search import SEARCHED
from bench.setting import Setting

REPORT = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "client_min_messages": "log",
}


def scans(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield plan["Relation Name"]
        plan = list(plan.values())
    if isinstance(plan, list):
        for one in plan:
            yield from scans(one)


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


async def sequential_scans(setting: Setting) -> list[str]:
    """Table by table, which hot read reads it from end to end."""
    admin = setting.cluster.dsn(
        "truckroll", setting.cluster.superuser, setting.cluster.superuser_password
    )
    connection = await asyncpg.connect(admin)
    found: set[str] = set()
    user = await connection.fetchval(
        "select user_id from identity.sessions where access_hash = $1", token_hash(setting.token)
    )
    try:
        async with Report(connection) as report:
            for name, sql, arguments in _reads(setting, user):
                if "(" in name and not name.endswith("(all)"):
                    plan = await _planned(connection, sql, len(arguments))
                    found |= {f"{name} reads all of {table}" for table in scans(plan)}
                    continue
                async with connection.transaction():
                    await connection.execute(f"set local role {prepare.APP}")
                    await connection.execute(
                        f"select set_config('app.org_id', '{setting.org}', true)"
                    )
                    report.plans.clear()
                    await connection.fetch(sql, *arguments)
                # the plan of the statement itself is told when it is closed
                assert report.plans, name
                found |= {f"{name} reads all of {table}" for table in scans(report.plans)}
    finally:
        await connection.close()
    return sorted(found)


async def _planned(connection: asyncpg.Connection, sql: str, parameters: int) -> Any:
    """The plan of a built statement, not run: how long it looks depends on whom it looks for, and the
    functions in it are those that were run for whoever sees everything."""
    await connection.execute(f"set role {prepare.APP}")
    await connection.execute(f"prepare asked as {sql}")
    nothing = f"({', '.join(['null'] * parameters)})" if parameters else ""
    row = await connection.fetchval(f"explain (format json) execute asked {nothing}")
    await connection.execute("deallocate asked; reset role")
    return json.loads(row)


def _reads(setting: Setting, user: Any) -> Iterator[tuple[str, str, list[Any]]]:
    rights = [one.value for one in Permission]
    caller = [token_hash(setting.token), clock.now(), "bench", "bench", ""]
    told = {"org": setting.org, "user": user, "permissions": rights, "id": setting.ids[0]}
    told["limit"] = 1
    for name, one in ONES.items():
        yield name, one.sql, [*caller, setting.ids[0]]
        for scope in RecordScope:
            statement = built(Shape(one.model, one.render, scope))
            yield f"{name} ({scope})", statement.sql, statement.arguments(told)
    told["limit"] = 50
    for name, many in LISTS.items():
        for scope in RecordScope:
            for sort in many.query.SORTS:
                shape = Shape(many.model, many.render, scope, many.query, sort=f"-{sort}", most=50)
                statement = built(shape)
                yield f"{name} by {sort} ({scope})", statement.sql, statement.arguments(told)
    words = [f"%{setting.names[0]}%"]
    yield "search", FIND, [*caller, words, "", None, 20]
    searched = {**told, "words": words, "digits": "", "entities": list(SEARCHED), "limit": 20}
    for scope in RecordScope:
        statement = built_search(scope, tuple(SEARCHED))
        yield f"search ({scope})", statement.sql, statement.arguments(searched)
