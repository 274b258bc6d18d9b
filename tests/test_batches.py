"""A batch that is in order is kept in one trip, and then what is kept and answered is what the route does.

Statements of the ORM tell which way was gone; the short way sends none, once it knows somebody's plan.
"""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError
from sqlalchemy import func, select

from app.api.strict import parse
from app.core import clock
from app.core.db import Scope, hold_still
from app.core.errors import Refusal
from app.services.identity.acting import act_for
from app.services.inputs import FIRST, LAST
from app.services.tracking import batches, duty, pings, working
from app.services.tracking.batches import Columns
from tests.support.deep import times
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.server import Server
from tests.support.tracking import PHOENIX, ago, at_work, ping, told

PING = {"at": "2026-11-20T15:00:00Z", "latitude": 33.4, "longitude": -112.0, "accuracy_m": 8}
ODD: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 7, 12.5, -91, 91.0, 180.5, 200, 200.5, 1e7, 2**70, "", "8", [], {},
    "2026-11-20T15:00:01Z", "2026-11-20T15:00:02+00:00", "2026-11-20T15:00:03.250Z",
    "2026-11-20T15:00:04.123456-00:00", "2026-11-20 15:00:05Z", "2026-11-20t15:00:06z",
    "2026-11-20T15:00:07", "2026-11-20T15:00:08+05:30", "2026-11-20T15:00Z", "2026-W47-5T15:00:00Z",
    "2026-11-31T15:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T15:00:60Z", "20261120T150000Z",
    "2026-11-20T15:00:01Z,2026-11-20T15:00:02Z", "1969-12-31T23:59:59Z", "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z", "2026-11-20T15:00:01\\u005a", "２０２６-11-20T15:00:01Z", 1795532400,
)  # fmt: skip
"""What may stand where something else should."""


def _odd(chance: random.Random) -> bytes:
    """A batch in which some things are as they should not be."""
    body = [
        {
            **PING,
            "at": f"2026-11-20T15:00:{n:02}Z",
            "longitude": -112 + chance.random(),
            "accuracy_m": chance.choice([3, 3.5, 4.5, 200, 201]),
        }
        for n in chance.choices(range(9), k=chance.randint(1, 4))
    ]
    for _ in range(chance.randint(0, 2)):
        one = chance.choice(body)
        field = chance.choice(("at", "latitude", "longitude", "accuracy_m", "speed_mps", "note"))
        one[field] = chance.choice(ODD)
        if chance.random() < 0.1:
            del one[field]
    written = json.dumps({"pings": body}, ensure_ascii=chance.random() < 0.5)
    for mark, other in (
        ('"pings"', '"pings": [], "pings"'), ('"latitude": 33.4', '"latitude": 3, "latitude": 33.4'),
        ("33.4", "NaN"), ("33.4", "1e999"), ("{", "\ufeff{"), ('{"pings"', '{"id": "7", "pings"'),
        ("[", "[[],"), ("}]", "},]"), ("33.4", "33.4000000000000000000001"), ("3}", "3.25}"),
    ):  # fmt: skip
        if chance.random() < 0.02:
            written = written.replace(mark, other, 1)
    return written.encode()


def _by_the_route(body: bytes) -> tuple[list[Any], list[Any]] | None:
    """The rows that the route makes of it and what it finds too vague; None where it refuses all."""
    try:
        batch = pings.Batch.model_validate(parse(body))
    except (Refusal, ValidationError):
        return None
    taken = pings.Taken()
    likely = pings._likely(batch.pings, FIRST, LAST, taken)
    rows = pings._distinct(ping for _, ping in likely)
    return (rows, taken.refused) if rows else None


def _rows(told: Columns) -> list[Any]:
    """What the database makes of it: it rounds as Python does, halves to what is even."""
    return [
        (
            datetime.fromtimestamp(at, UTC),
            round(latitude * 1_000_000),
            round(longitude * 1_000_000),
            round(accuracy),
            None if speed is None else round(speed * 100),
        )
        for at, latitude, longitude, accuracy, speed in zip(
            told.at, told.latitude, told.longitude, told.accuracy, told.speed, strict=True
        )
    ]


def test_what_is_read_by_columns_is_what_the_route_reads() -> None:
    """Nothing passes that the route refuses or reads in another way."""
    chance, read, whole = random.Random(38), 0, 0
    for _ in range(times(3_000, deep=100_000)):
        body = _odd(chance)
        found, routed = batches.columns(body), _by_the_route(body)
        read += found is not None
        whole += routed is not None
        if found is not None:
            assert (_rows(found), found.vague) == routed, body
            assert found.sent == body.count(b'"at"')
    assert read > whole * 0.7  # and what is left to it is the exception
    assert whole > 600


async def _sent(person: Person, who: str, body: Sequence[Any], *, hot: bool) -> Any:
    """What was answered, once it is sure which way was gone."""
    with counted(person_server[person.org]) as queries:
        reply = await person.post(f"/api/v2/technicians/{who}/positions", json={"pings": body})
    assert (queries == []) is hot, queries
    assert reply.status_code == 200, reply.text
    return reply


person_server: dict[str, Server] = {}


def _counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("truckroll_pings_total", {"outcome": outcome}) or 0


async def test_a_batch_is_kept_the_same_both_ways(
    acme: Company, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    person_server[acme.slug] = server
    dana = await acme.person("dispatcher")
    short, plain = await at_work(acme, "Shea Short"), await at_work(acme, "Pat Plain")
    for who in (short, plain):
        await told(dana, who, [ping(ago(60), *PHOENIX)])  # now their plan is known
    chance = random.Random(5)
    start = ago(50).replace(microsecond=0)
    drive = [
        ping(
            start + timedelta(seconds=n),
            33.4 + n * 1.05e-5,
            chance.uniform(-112, -111),
            accuracy_m=chance.choice([4, 4.5, 5.5, 30]),
            speed_mps=chance.choice([None, 0, 8.125, 8.135]),
        )
        for n in range(900)
    ]
    better = [{**one, "accuracy_m": chance.choice([3, 4.5, 60])} for one in drive[300:700]]
    vague = [{**one, "accuracy_m": 201 + n} for n, one in enumerate(drive[600:640])]
    late = {
        **drive[5],
        "at": drive[5]["at"].replace("+00:00", ".250000+00:00"),
        "accuracy_m": 999.5,
    }
    rounds = (
        drive[200:600],
        [
            *drive[600:620],
            *vague,
            *better[:9],
            *drive[600:610],
            late,
        ],  # some say nothing, some twice
        chance.sample(better, len(better)),  # again, in any order, some of it better known
        drive[:300],  # what came late
        [{key: value for key, value in drive[-1].items() if key != "speed_mps"}],
    )
    for body in rounds:
        before = [_counted(outcome) for outcome in ("kept", "known")]
        one = await _sent(dana, short, body, hot=True)
        after = [_counted(outcome) for outcome in ("kept", "known")]
        said = [one.json()[outcome] for outcome in ("kept", "known")]
        assert [now - was for now, was in zip(after, before, strict=True)] == said
        with monkeypatch.context() as without:
            without.setattr(batches, "columns", lambda _: None)
            other = await _sent(dana, plain, body, hot=False)
        assert one.content == other.content
        for name in ("content-type", "cache-control", "vary"):
            assert one.headers.get(name) == other.headers.get(name), name
    admin = await asyncpg.connect(server.database.admin)
    place = "latitude_e6, longitude_e6, accuracy_m, speed_cms"
    for statement in (
        f"select at, {place} from pings where technician_id = $1 and at >= $2 order by at",
        f"select at, {place}, date_trunc('minute', fresh_from) from positions where id = $1 and at > $2",
    ):
        kept = [tuple(row) for row in await admin.fetch(statement, short, start)]
        assert kept == [tuple(row) for row in await admin.fetch(statement, plain, start)]
        assert kept
    await admin.close()


async def test_what_is_remembered_of_working_time_holds_only_while_it_is_true(
    acme: Company, server: Server
) -> None:
    """Each change counts for the next batch, though the last one went the short way."""
    person_server[acme.slug] = server
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    day = clock.now().date()
    span = {"first_day": str(day - timedelta(days=2)), "last_day": str(day + timedelta(days=1))}
    around = {"valid_from": span["first_day"], "valid_until": span["last_day"]}

    async def known(name: str) -> str:
        who = await at_work(acme, name)
        for minutes, hot in ((9, False), (8, True)):
            reply = await _sent(dana, who, [ping(ago(minutes), *PHOENIX)], hot=hot)
            assert reply.json()["kept"] == 1
        return who

    async def refused(who: str) -> list[str]:
        body = [ping(ago(7), *PHOENIX), ping(ago(60 * 24 * 9), *PHOENIX)]
        return [one["reason"] for one in (await told(dana, who, body))["refused"]]

    away, ill, gone, still = [await known(name) for name in ("Ana", "Ilja", "Gus", "Sid")]
    override = {"name": "Away", "overrides": True, "spans": [], **around}
    await olga.made("/api/v2/shifts", {"technician_id": away, **override})
    off = await olga.made("/api/v2/time-off", {"technician_id": ill, "kind": "sick", **span})
    if off["status"] != "approved":
        await olga.made(
            f"/api/v2/time-off/{off['id']}/approve",
            {},
            headers={"If-Match": f'"v{off["version"]}"'},
        )
    version = (await olga.got(f"/api/v2/technicians/{gone}"))["version"]
    await olga.made(
        f"/api/v2/technicians/{gone}/deactivate", {}, headers={"If-Match": f'"v{version}"'}
    )
    assert await refused(away) == ["off_shift"]
    assert await refused(ill) == ["off_shift"]
    assert await refused(gone) == ["not_active"] * 2
    assert await refused(still) == []
    path = "/api/v2/organisation/flags"
    await olga.patched(path, (await olga.got(path))["version"], {"positions_kept_days": 7})
    assert await refused(still) == ["too_old"]


async def test_whoever_may_not_tell_is_refused_on_the_short_way_as_on_the_other(
    acme: Company, rival: Company, server: Server
) -> None:
    person_server[acme.slug] = server
    dana, tess = await acme.person("dispatcher"), await acme.person("technician", "Tess")
    vera, rob = await acme.person("viewer"), await rival.person("owner")
    hers, another = await at_work(acme, "Tess Ode", who=tess), await at_work(acme, "Vic Lau")
    body = [ping(ago(3), *PHOENIX)]
    for who in (hers, another):
        await told(dana, who, body)
        await _sent(dana, who, body, hot=True)
    await told(tess, hers, body)
    assert (await _sent(tess, hers, [ping(ago(2), *PHOENIX)], hot=True)).json()["kept"] == 1
    for person, who, status in (
        (tess, another, 403), (vera, another, 403), (rob, another, 404), (dana, str(rob.user_id), 404)
    ):  # fmt: skip
        path = f"/api/v2/technicians/{who}/positions"
        reply = await person.post(path, json={"pings": [ping(ago(1), *PHOENIX)]})
        assert reply.status_code == status, reply.text
    admin = await asyncpg.connect(server.database.admin)
    assert await admin.fetchval("select count(*) from pings where technician_id = $1", another) == 1
    await admin.close()


async def test_a_mark_is_of_every_row_that_decides_about_working_time(
    acme: Company, server: Server
) -> None:
    """Whatever planned time is read from has to be in the mark, or a change of it would not count."""
    admin = await asyncpg.connect(server.database.admin)
    source = await admin.fetchval("select pg_get_functiondef('system.working_marks'::regproc)")
    await admin.close()
    who = await at_work(acme, "Mark Ed")
    async with server.state.sessions.open(Scope(acme.id)) as session:
        await hold_still(session)
        ctx = await act_for(session, None)
        with counted(server) as queries:
            assert await duty.learn(ctx, working.UUID(who), clock.now(), clock.now())
        marks = func.system.working_marks(acme.id, [working.UUID(who)], duty.marked_since())
        before = await session.scalar(select(marks.table_valued("mark").c.mark))
        assert before
    words = [word.strip("(),").lower() for query in queries for word in query.split()]
    tables = {
        following.rpartition(".")[2]
        for word, following in pairwise(words)
        if word in ("from", "join") and not following.startswith("system.")
    }
    assert {"shifts", "crew_members", "crews", "time_off", "holidays", "technicians"} <= tables
    assert [one for one in tables if f"public.{one} " not in source] == []
