"""A small Bluestem, built at different hours: today's board holds at each, and a seed repeats it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.core import clock
from app.core.db import Scope, Sessions, make_engine
from app.demo.building import build
from app.demo.companies import LARGE, Company
from app.postgres import Cluster
from app.services.doctor import DETECTORS, examine
from app.services.identity.acting import act_for
from tests.support.database import Database, clone, drop
from tests.support.deep import times
from tests.support.demo import behind_the_walls, fingerprints
from tests.support.server import a_state

LAWRENCE = ZoneInfo("America/Chicago")
BOARD = """
with mine as (select * from visits where org_id = $1),
  today as (
    select v.*, a.technician_id from mine v join assignments a on a.visit_id = v.id
     where (planned_start at time zone 'America/Chicago')::date = $3),
  lanes as (
    select t.id, count(d.id) as visits from technicians t
      left join today d on d.technician_id = t.id
       and (d.planned_start at time zone 'America/Chicago')::time between '08:00' and '17:00'
     where t.org_id = $1 group by 1)
select
  (select count(*) from mine where status in ('scheduled', 'dispatched')
     and planned_start <= $2 and promised_start <= $2) as late,
  (select count(*) from mine where status = 'no_access') as no_access,
  (select count(*) from today where status = 'no_access') as no_access_today,
  (select count(*) from mine where status = 'unscheduled' and planned_start is null
     and (promised_start at time zone 'America/Chicago')::date = $3) as promised,
  (select count(*) from mine where status = 'unscheduled') as unscheduled,
  (select count(*) from work_orders where org_id = $1 and status = 'on_hold') as on_hold,
  (select array_agg(distinct visits order by visits) from lanes) as lanes,
  (select count(*) from bookings b join bookings c on c.resource_id = b.resource_id
     and c.id <> b.id and c.during && b.during where b.org_id = $1) as overlaps,
  (select count(*) from journal where org_id = $1 and at > $2) as of_the_future
"""

TROUBLES = {
    "certificate_expires",
    "promise_without_anybody",
    "visit_never_begun",
    "visit_outside_hours",
    "work_order_without_visit",
}


def small(name: str, *, customers: int = 160, days: int = 12) -> Company:
    """Bluestem with less past, under another name."""
    who = replace(LARGE.who, slug=name)
    history = timedelta(days=days)
    return replace(LARGE, who=who, customers=customers, history=history, prospects=4)


async def build_at(
    database: Database,
    company: Company,
    moment: datetime,
    *,
    seed: int = 7,
    password_hash: str = "no hash",  # noqa: S107  nobody comes in with it
) -> UUID:
    """Build a company at a moment; its id."""
    engine = make_engine(database.app, pool_size=1)
    said: list[str] = []
    with clock.set_to(moment):
        async with Sessions(engine).open() as session:
            await build(session, company, password_hash, seed, said.append)
            await session.commit()
    await engine.dispose()
    assert len(said) == 2
    async with behind_the_walls(database) as connection:
        found: UUID = await connection.fetchval(
            "select id from identity.organisations where slug = $1", company.who.slug
        )
    return found


async def diagnosed(database: Database, org_id: UUID, moment: datetime) -> set[str]:
    """What the doctor finds wrong with a company."""
    state = a_state(database, pool_size=1)
    with clock.set_to(moment):
        async with state.sessions.open(Scope(org_id)) as session:
            told = await examine(await act_for(session, None))
    await state.engine.dispose()
    assert told.asked == len(DETECTORS)
    return {one.detector.code for one in told.diagnoses}


@pytest.mark.parametrize(
    ("name", "day", "hour"),
    [
        ("midnight", date(2031, 5, 14), (0, 0, 20)),
        ("before-dawn", date(2031, 5, 15), (4, 41, 0)),
        ("opening", date(2031, 5, 16), (8, 31, 0)),
        ("sunday-morning", date(2031, 5, 18), (9, 20, 0)),
        ("christmas-afternoon", date(2031, 12, 25), (15, 55, 0)),
        ("leap-day-at-night", date(2032, 2, 29), (23, 58, 0)),
        ("clocks-went-forward", date(2031, 3, 9), (7, 15, 0)),
    ][:: times(4, deep=1)],
)
async def test_the_board_shows_what_can_go_wrong_at_any_hour(
    database: Database, name: str, day: date, hour: tuple[int, int, int]
) -> None:
    moment = datetime(day.year, day.month, day.day, *hour, tzinfo=LAWRENCE)
    org_id = await build_at(database, small(name), moment)
    async with behind_the_walls(database) as connection:
        board = dict(await connection.fetchrow(BOARD, org_id, moment, day))
    lanes = board.pop("lanes")
    assert board == {
        "late": 1,
        "no_access": 1,
        "no_access_today": 1,
        "promised": 3,
        "unscheduled": 3,
        "on_hold": 1,
        "overlaps": 0,
        "of_the_future": 0,
    }
    assert set(lanes) <= {2, 3, 4, 5}
    assert await diagnosed(database, org_id, moment) <= TROUBLES


SMALLEST = small("seed", customers=times(80, deep=160), days=times(6, deep=12))


async def test_a_seed_repeats_every_row(cluster: Cluster) -> None:
    moment = datetime(2031, 5, 14, 14, 5, tzinfo=LAWRENCE)
    one, two = await clone(cluster, "test_seed_one"), await clone(cluster, "test_seed_two")
    prints: list[dict[str, Any]] = []
    for database in (one, two):
        org_id = await build_at(database, SMALLEST, moment)
        prints.append(await fingerprints(database, org_id))
    assert prints[0] == prints[1]
    assert len([mark for mark in prints[0].values() if mark]) > 22
    other = await build_at(
        two, replace(SMALLEST, who=replace(SMALLEST.who, slug="other")), moment, seed=8
    )
    assert (await fingerprints(two, other))["customers"] != prints[0]["customers"]
    await drop(one)
    await drop(two)
