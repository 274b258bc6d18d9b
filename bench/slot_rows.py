"""The board that `bench.slots` asks, as rows of the organisation that is measured: the same people, days and
visits, and two kinds of work, one for anybody and one for who knows gas.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from app.scheduling.model import Place
from app.scheduling.tables import Stood
from bench.setting import Setting

TODAY = datetime.now(UTC).date()
FIRST = TODAY + timedelta(days=307 - TODAY.weekday())
"""A Monday so far ahead that the demo has nothing on it."""
HOURS = (
    '[{"weekday": "%s", "start": "08:00", "end": "17:00", "week": 1,'
    ' "breaks": [{"minutes": 30, "earliest": "11:00", "latest": "13:00"}]}]'
)
SPANS = "[{}]".format(
    ", ".join(HOURS[1:-1] % day for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
)

PEOPLE = """
create temp table bench_people (n int, id uuid, latitude float8, longitude float8, gas int);
create temp table bench_visits (
  n int, technician uuid, at timestamptz, minutes int, latitude float8, longitude float8)
"""
WRITTEN = (
    "update technicians set active = false where org_id = $1",
    "insert into skills (org_id, id, name) values ($1, {gas}, 'Bench gas')",
    (
        "insert into job_types (org_id, id, name, trade, duration_minutes, checklist) values"
        " ($1, {anybody}, 'Bench work', 'septic', 60, '{{}}'), ($1, {gas}, 'Bench gas', 'septic', 60, '{{}}')"
    ),
    "insert into job_type_skills (org_id, id, job_type_id, skill_id, level) values ($1, {gas}, {gas}, {gas}, 1)",
    "insert into resources (org_id, id, kind) select $1, id, 'technician' from bench_people",
    (
        "insert into technicians (org_id, id, name, sort_name, color, time_zone, active, base_name, base_latitude,"
        " base_longitude) select $1, id, 'Bench ' || n, 'bench ' || lpad(n::text, 3, '0'), '#336699', 'UTC', true,"
        " 'Home ' || n, latitude, longitude from bench_people"
    ),
    (
        "insert into technician_skills (org_id, id, technician_id, skill_id, level)"
        " select $1, {own}, id, {gas}, gas from bench_people n where gas > 0"
    ),
    (
        "insert into shifts (org_id, id, technician_id, name, kind, overrides, rotation_weeks, overtime_minutes,"
        " valid_from, anchor, spans) select $1, {own}, id, 'Every day', 'normal', false, 1, 0, '2020-01-06',"
        " '2020-01-06', '{spans}' from bench_people"
    ),
    (
        "insert into customers (org_id, id, kind, stage, name, sort_name, tax_exempt, unclaimed)"
        " select $1, {own}, 'person', 'active', 'Ada Bench ' || n, 'bench ' || n, false, false from bench_visits"
    ),
    (
        "insert into sites (org_id, id, street, city, region, postal_code, country, latitude, longitude, time_zone)"
        " select $1, {own}, n || ' Bench Street', 'Chicago', 'IL', '60601', 'US', latitude, longitude, 'UTC'"
        " from bench_visits"
    ),
    (
        "insert into work_orders (org_id, id, number, status, priority, customer_id, site_id, job_type_id, summary)"
        " select $1, {own}, 'B-' || n, 'scheduled', 'normal', {own}, {own}, {anybody}, 'Look at the heating'"
        " from bench_visits"
    ),
    (
        "insert into visits (org_id, id, work_order_id, status, duration_minutes, planned_start, planned_end, planned_zone)"
        " select $1, {own}, {own}, 'scheduled', minutes, at, at + minutes * interval '1 minute', 'UTC' from bench_visits"
    ),
    (
        "insert into assignments (org_id, id, visit_id, technician_id, status, is_lead)"
        " select $1, {own}, {own}, technician, 'offered', true from bench_visits"
    ),
    (
        "insert into bookings (org_id, id, resource_id, kind, visit_id, during)"
        " select $1, {own}, technician, 'visit', {own}, tstzrange(at, at + minutes * interval '1 minute')"
        " from bench_visits"
    ),
)


def named(org: UUID, name: str) -> UUID:
    """The id of something of the bench."""
    return uuid5(org, name)


async def write(setting: Setting, days: Sequence[Sequence[Stood]], first: date = FIRST) -> None:
    """The people and their visits, from `first` on; nobody else works there any more."""
    org, midnight = setting.org, datetime.combine(first, datetime.min.time(), UTC)
    ids = {name: f"'{named(org, name)}'::uuid" for name in ("gas", "anybody")} | {
        "own": "md5('bench' || n || $1::uuid::text)::uuid",
        "spans": SPANS,
    }
    people = [
        (n, technician(org, n), *where(one.resource.start), one.resource.skills.get("gas", 0))
        for n, one in enumerate(days[0])
    ]
    visits: list[tuple[Any, ...]] = []
    for day in days:
        for n, board in enumerate(day):
            for one in board.standing:
                assert one.start is not None
                at = midnight + timedelta(seconds=one.start)
                minutes = one.task.duration // 60
                visits.append(
                    (1000 + len(visits), technician(org, n), at, minutes, *where(one.task.place))
                )
    admin = setting.admin
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute(PEOPLE)
        await admin.copy_records_to_table("bench_people", records=people)
        await admin.copy_records_to_table("bench_visits", records=visits)
        for statement in WRITTEN:
            written = statement.format(**ids)
            await admin.execute(written, *([org] if "$1" in written else []))
    await admin.execute("vacuum analyze")


def technician(org: UUID, n: int) -> UUID:
    """The id of one of the people."""
    return named(org, f"technician {n}")


def where(place: Place) -> tuple[float, float]:
    """As a site says it."""
    return round(place.point.latitude, 6), round(place.point.longitude, 6)
