"""Where technicians are, through the doors people use: telling it, knowing it, and who looked."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text

from app.core import clock
from app.core.db import Scope
from app.models.flags import LONGEST_KEPT
from app.services.identity.acting import act_for
from app.services.tracking import keeping, working
from app.tasks.schedules import in_each
from tests.support.field import a_job, did, technician
from tests.support.people import Company, Person
from tests.support.server import Server
from tests.support.tracking import PHOENIX, ago, at_work, ping, told


async def test_what_is_worth_keeping_is_kept_once_and_the_rest_is_said(
    acme: Company, server: Server
) -> None:
    tess = await acme.person("technician", "Tess")
    hers = await at_work(acme, "Tess Ode", who=tess)
    good = [ping(ago(minutes), *PHOENIX) for minutes in (3, 1, 2)]
    reply = await told(
        tess,
        hers,
        [
            *good,
            good[0],
            ping(ago(1.5), *PHOENIX, accuracy_m=900),
            ping(clock.now() + timedelta(hours=1), *PHOENIX),
            ping(clock.now() - timedelta(days=45), *PHOENIX),
        ],
    )
    assert (reply["kept"], reply["known"]) == (3, 1)
    said = [(one["place"], one["reason"]) for one in reply["refused"]]
    assert said == [(4, "inaccurate"), (5, "in_future"), (6, "too_old")]
    assert all(one["detail"].endswith(".") for one in reply["refused"])

    again = await told(tess, hers, [*good, {**good[2], "accuracy_m": 3}])
    assert (again["kept"], again["known"], again["refused"]) == (1, 3, [])
    worse = await told(tess, hers, [{**good[2], "accuracy_m": 50, "latitude": 34.0}])
    assert (worse["kept"], worse["known"]) == (0, 1)

    admin = await asyncpg.connect(server.database.admin)
    rows = await admin.fetch("select accuracy_m, tableoid::regclass::text as part from pings")
    assert sorted(row["accuracy_m"] for row in rows) == [3, 8, 8]
    assert {row["part"] for row in rows} <= {
        f"system.pings_{(clock.now() - timedelta(days=one)):%Y%m%d}" for one in (0, 1)
    }
    assert (
        await admin.fetchval("select count(*) from journal where entity in ('ping', 'position')")
        == 0
    )
    await admin.close()


PAST_VISITS = """
insert into visits select (jsonb_populate_record(v, jsonb_build_object(
    'id', md5('visit' || n)::uuid, 'status', 'completed',
    'travel_started_at', v.travel_started_at - n * interval '6 hours',
    'finished_at', v.travel_started_at - n * interval '6 hours'))).*
  from visits v, generate_series(10, 2000) n where v.id = $1
"""
PAST_ASSIGNMENTS = """
insert into assignments select (jsonb_populate_record(a, jsonb_build_object(
    'id', md5('assignment' || n)::uuid, 'visit_id', md5('visit' || n)::uuid, 'status', 'done'))).*
  from assignments a, generate_series(10, 2000) n where a.visit_id = $1
"""
READ = text(
    "select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
    " from pg_stat_xact_user_tables where relname in ('visits', 'assignments')"
)


async def test_years_of_visits_are_not_read_to_know_who_is_on_one_now(
    acme: Company, server: Server
) -> None:
    """Of somebody without a shift that is asked for every batch, and for every tick of the map."""
    job = await a_job(acme)
    hers = await technician(acme, "Nell No Shift")
    visit = await job.planned(hers)
    for name in ("dispatch", "en-route"):
        await did(job.dana, visit, name)
    admin = await asyncpg.connect(server.database.admin)
    await admin.execute("set session_replication_role = replica")
    for copied in (PAST_VISITS, PAST_ASSIGNMENTS):
        await admin.execute(copied, UUID(visit["id"]))
    await admin.execute("analyze visits, assignments")
    await admin.close()
    async with server.state.sessions.open(Scope(acme.id)) as session:
        ctx = await act_for(session, None)
        assert len(await working.visits(ctx, [UUID(hers)], clock.now(), clock.now())) == 1
        read = {row[0]: row[1] for row in await session.execute(READ)}
    assert sum(read.values()) < 50, read


async def test_nobody_is_followed_who_is_not_at_work(acme: Company) -> None:
    una = await acme.person("technician", "Una")
    hers = await technician(acme, "Una Ray", who=una)
    owner = await acme.person("owner")
    elsewhen = clock.now() - timedelta(days=3)
    await owner.made(
        "/api/v2/shifts",
        {
            "technician_id": hers,
            "name": "One day",
            "valid_from": elsewhen.date().isoformat(),
            "valid_until": elsewhen.date().isoformat(),
            "overrides": True,
            "spans": [],
        },
    )
    off = await told(una, hers, [ping(elsewhen, *PHOENIX)])
    assert (off["kept"], off["refused"][0]["reason"]) == (0, "off_shift")

    job = await a_job(acme)
    night = clock.now().replace(hour=8, minute=0) - timedelta(days=1)  # two or three in the morning
    assert (await told(una, hers, [ping(night, *PHOENIX)]))["kept"] == 0
    visit = await job.planned(hers)
    await did(job.dana, visit, "dispatch")
    await did(una, visit, "en-route", occurred_at=(night - timedelta(minutes=5)).isoformat())
    assert (await told(una, hers, [ping(night, *PHOENIX)]))["kept"] == 1


async def test_whoever_has_left_is_not_followed_though_the_van_still_speaks(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    hers = await at_work(acme, "Zed Gone")
    assert (await told(dana, hers, [ping(ago(2), *PHOENIX)]))["kept"] == 1
    version = (await dana.got(f"/api/v2/technicians/{hers}"))["version"]
    owner = await acme.person("owner")
    left = await owner.post(
        f"/api/v2/technicians/{hers}/deactivate", json={}, headers={"If-Match": f'"v{version}"'}
    )
    assert left.status_code == 200, left.text
    reply = await told(dana, hers, [ping(ago(1), *PHOENIX), ping(ago(1.5), *PHOENIX)])
    assert reply["kept"] == reply["known"] == 0
    assert [one["reason"] for one in reply["refused"]] == ["not_active"] * 2


async def test_a_device_fills_no_more_than_a_row_a_second(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    flo = await at_work(acme, "Flo Od")
    start = ago(5).replace(microsecond=0)
    flood = [
        ping(start + timedelta(microseconds=500 * n), *PHOENIX, accuracy_m=9 + n % 7, speed_mps=n)
        for n in range(2000)
    ]
    shuffled = random.Random(7).sample(flood, len(flood))
    for at in range(0, len(flood), 500):
        assert (await told(dana, flo, shuffled[at : at + 500]))["kept"] <= 1
    admin = await asyncpg.connect(server.database.admin)
    kept = "select at, accuracy_m, speed_cms from pings where technician_id = $1"
    assert [tuple(row) for row in await admin.fetch(kept, flo)] == [(start, 9, 0)]
    await admin.close()


async def test_many_tell_of_a_new_day_at_once(acme: Company) -> None:
    """Each finds no room for the day, and one makes it."""
    dana = await acme.person("dispatcher")
    crowd = [await at_work(acme, f"Crowd {n}") for n in range(8)]
    new_days = [clock.now() - timedelta(days=back) for back in (12, 13, 14, 15)]
    pings = [ping(day, *PHOENIX) for day in new_days]
    taken = await asyncio.gather(*(told(dana, who, pings) for who in crowd))
    assert [one["kept"] for one in taken] == [4] * 8


async def test_one_tells_only_where_one_is_oneself(acme: Company, rival: Company) -> None:
    tess = await acme.person("technician", "Tess")
    another = await at_work(acme, "Vic Lau")
    body = {"pings": [ping(ago(1), *PHOENIX)]}
    refused = await tess.post(f"/api/v2/technicians/{another}/positions", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    dana = await acme.person("dispatcher")
    assert (await told(dana, another, body["pings"]))["kept"] == 1  # as vehicles' boxes do
    rob = await rival.person("owner")
    strange = await rob.post(f"/api/v2/technicians/{another}/positions", json=body)
    assert strange.status_code == 404


async def test_days_are_opened_ahead_and_let_go(acme: Company, server: Server) -> None:
    dana = await acme.person("dispatcher")
    walt = await at_work(acme, "Walt Moe")
    old = ago(60 * 24 * 20)
    assert (await told(dana, walt, [ping(old, *PHOENIX), ping(ago(1), *PHOENIX)]))["kept"] == 2
    await keeping.keep_days(server.state.engine, 1)
    admin = await asyncpg.connect(server.database.admin)
    parts = (
        "select relname from pg_class where relname ~ '^pings_[0-9]+$' and relkind = 'r' order by 1"
    )
    there = [name for (name,) in await admin.fetch(parts)]
    assert f"pings_{old:%Y%m%d}" in there
    assert there[-1] == f"pings_{clock.now() + keeping.AHEAD:%Y%m%d}"

    olga = await acme.person("owner")
    flags = await olga.got("/api/v2/organisation/flags")
    await olga.patched("/api/v2/organisation/flags", flags["version"], {"positions_kept_days": 7})
    await in_each(server.state.sessions, "sweep_positions", keeping.sweep)
    mine = "select count(*) from pings where technician_id = $1"
    assert await admin.fetchval(mine, walt) == 1

    with clock.set_to(clock.now() + timedelta(days=100)):
        await keeping.keep_days(server.state.engine, 1)
    left = [name for (name,) in await admin.fetch(parts)]
    assert f"pings_{old:%Y%m%d}" not in left
    assert await admin.fetchval(mine, walt) == 0
    walls = await admin.fetch(
        "select c.relrowsecurity and c.relforcerowsecurity as walled,"
        " has_table_privilege('truckroll_app', c.oid, 'select') as open, (select count(*) from"
        " pg_policies p where p.schemaname = 'system' and p.tablename = c.relname) as policies"
        " from pg_class c where c.relname ~ '^pings_[0-9]+$' and c.relkind = 'r'"
    )
    assert {tuple(row) for row in walls} == {(True, False, 2)}
    await admin.close()


async def test_a_batch_may_reach_back_as_far_as_positions_are_kept(
    acme: Company, server: Server
) -> None:
    olga, dana = await acme.person("owner"), await acme.person("dispatcher")
    path = "/api/v2/organisation/flags"
    longest = {"positions_kept_days": LONGEST_KEPT}
    await olga.patched(path, (await olga.got(path))["version"], longest)
    walt = await at_work(acme, "Walt Moe")
    admin = await asyncpg.connect(server.database.admin)
    parts = "select count(*) from pg_class where relname ~ '^pings_[0-9]+$' and relkind = 'r'"
    before = await admin.fetchval(parts)
    first = clock.now() - timedelta(days=LONGEST_KEPT) + timedelta(minutes=5)
    batch = [ping(ago(1), *PHOENIX), ping(first, *PHOENIX)]
    assert (await told(dana, walt, batch))["kept"] == 2
    assert await admin.fetchval(parts) <= before + 2  # of the days between, none is opened
    await admin.close()


async def _a_site(company: Company, **pin: float) -> str:
    dana = await company.person("dispatcher")
    job = await a_job(company)
    body = {"customer_id": job.work.customer["id"], "street": "1 Near St", "postal_code": "85001"}
    return str((await dana.made("/api/v2/sites", {**body, **pin}))["id"])


async def test_who_is_nearest_now_by_the_drive_not_by_who_spoke_last(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    near, far, stale, off = [
        await at_work(acme, name) for name in ("Nia Near", "Fay Far", "Stan Stale", "Otto Off")
    ]
    for who, minutes, north in ((near, 30, 0.02), (far, 1, 0.4), (stale, 150, 0.001), (off, 1, 0)):
        await told(dana, who, [ping(ago(minutes), PHOENIX[0] + north, PHOENIX[1])])
    owner = await acme.person("owner")
    day = (clock.now() - timedelta(days=1)).date()
    await owner.made(
        "/api/v2/shifts",
        {
            "technician_id": off,
            "name": "Away",
            "valid_from": day.isoformat(),
            "valid_until": (day + timedelta(days=2)).isoformat(),
            "overrides": True,
            "spans": [],
        },
    )
    site = await _a_site(acme, latitude=PHOENIX[0], longitude=PHOENIX[1])
    found = (await dana.got("/api/v2/technicians/nearest", site_id=site, limit=100))["data"]
    mine = [one for one in found if one["technician"]["id"] in (near, far, stale, off)]
    assert [one["technician"]["name"] for one in mine] == ["Nia Near", "Fay Far"]
    first, second = mine
    assert first["position"]["age_seconds"] in range(1795, 1860)
    assert (first["online"], second["online"]) == (True, True)  # heard of just now, of then
    assert first["travel"]["source"] == "estimate"
    assert first["travel"]["metres"] == 3002  # 2,224 m as the crow flies, and the roads' detours
    assert first["travel"]["seconds"] == 450  # at 30 km/h, and a minute and a half for the door
    assert second["travel"]["seconds"] > 30 * 60


async def test_who_looked_is_known_to_whom_it_concerns(acme: Company) -> None:
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    wendy, vic = await acme.person("technician", "Wendy"), await acme.person("technician", "Vic")
    hers = await at_work(acme, "Wendy Wu", who=wendy)
    await technician(acme, "Vic Oh", who=vic)
    await told(wendy, hers, [ping(ago(2), *PHOENIX)])

    async def shown(person: Person) -> list[Any]:
        listed = (await person.got("/api/v2/technicians/positions", limit=200))["data"]
        return [one for one in listed if one["technician"]["id"] == hers]

    (seen,) = await shown(dana)
    assert (seen["online"], seen["at_work"]) == (True, True)
    assert seen["position"]["latitude"] == PHOENIX[0]
    await shown(dana)
    (own,) = await shown(wendy)
    assert own["position"]["age_seconds"] >= 120
    assert await shown(vic) == []  # a technician reaches nobody else

    path, my = f"/api/v2/technicians/{hers}/position-looks", "/api/v2/me/position-looks"
    for listed in (await wendy.got(my), await olga.got(path)):
        (look,) = listed["data"]
        assert (look["looker"]["name"], look["looked_at"], look["times"]) == (
            "Dispatcher", "position", 2,
        )  # fmt: skip
    for person in (dana, wendy):
        assert (await person.get(path)).status_code == 403
    assert (await vic.got(my))["data"] == (await dana.got(my))["data"] == []
