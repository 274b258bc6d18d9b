"""Faults that the doctor is to find: one for each detector, planted in an organisation that works.

A fault is a story in three parts: it plants itself and says the sentence that it must bring, is given
the finding, and mends what it planted by the fix's own words. One without a third part is mended by
the request that its finding carries.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import text

from app.core import clock, wall
from app.core.db import Scope
from app.core.roads import Band
from app.core.tools import Tools
from app.integrations.mail import NoPost, SmtpPost
from tests.support.field import Job, did
from tests.support.people import Company, Person

Finding: TypeAlias = dict[str, Any]
Fault: TypeAlias = Callable[["World"], AsyncGenerator[str, Finding]]
FAULTS: dict[str, Fault] = {}
"""By the code of the detector."""
OWN = "/api/v2/organisation"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SMTP = SmtpPost("smtp://mail.example.com", "office@example.com")


def fault(story: Fault) -> Fault:
    """Planted for the detector of the same name."""
    FAULTS[getattr(story, "__name__", "")] = story
    return story


@dataclass
class World:
    """An organisation whose owner asks, with work at a site in Phoenix."""

    company: Company
    owner: Person
    job: Job
    zone: str
    """Of the organisation."""

    @cached_property
    def tools(self) -> Tools:
        tools = self.company.server.state.sessions.tools
        assert tools is not None
        return tools

    def lend(self, **other: Any) -> None:
        """Let the server work with other tools."""
        self.company.server.state.sessions.tools = replace(self.tools, **other)

    @property
    def today(self) -> date:
        return clock.today(self.zone)

    async def sql(self, query: str, **values: Any) -> Any:
        """What the API would refuse, written inside the walls; the first column of the first row."""
        async with self.company.server.state.sessions.open(Scope(self.company.id)) as session:
            result = await session.execute(text(query), values)
            found = result.scalar() if result.returns_rows else None
            await session.commit()
            return found

    async def set(self, path: str, **body: Any) -> Any:
        """A change of a record, whatever its version is."""
        version = (await self.owner.got(path))["version"]
        return await self.owner.patched(path, version, body)

    async def job_type(self, **more: Any) -> Any:
        body = {"name": f"Work {uuid4()}", "trade": "septic", "duration_minutes": 60}
        return await self.owner.made("/api/v2/job-types", {**body, "unit_price": "189", **more})

    async def skill(self, name: str) -> Any:
        return await self.owner.made("/api/v2/skills", {"name": f"{name} {uuid4()}"})

    async def technician(self, name: str, **more: Any) -> str:
        made = await self.owner.made("/api/v2/technicians", {"name": name, **more})
        return str(made["id"])

    async def site(self, **more: Any) -> Any:
        customer = self.job.work.customer["id"]
        body = {"customer_id": customer, "street": "9 Elm St", "postal_code": "85001", **more}
        return await self.owner.made("/api/v2/sites", body)

    async def planned(self, *technicians: str, work: dict[str, Any] | None = None) -> Any:
        """A visit on the board, the day after tomorrow at nine."""
        order = await self.job.work.order(**(work or {}))
        return await self.job.planned(*technicians, work_order_id=order["id"])

    def said(self, visit: Any) -> str:
        """“WO-12 on Mon 23 Nov, 09:00–10:00”, on the clock in Phoenix."""
        start, end = (
            datetime.fromisoformat(visit[edge]) for edge in ("planned_start", "planned_end")
        )
        number = visit["work_order"]["number"]
        return f"{number} on {wall.spoken(start, end, 'America/Phoenix')}"


async def unscheduled(world: World, visit: Any) -> None:
    await did(world.owner, visit, "unschedule")


# what is sold


@fault
async def skill_nobody_has(world: World) -> AsyncGenerator[str, Finding]:
    vacuum = await world.skill("Vacuum truck")
    need = {"skill_id": vacuum["id"], "level": 3}
    kind = await world.job_type(skills=[need])
    await world.technician("Low", skills=[{**need, "level": 2}])
    yield f"Job type “{kind['name']}” needs “{vacuum['name']}” (level 3), and nobody has it."
    await world.technician("High", skills=[need])


@fault
async def skill_expired_for_all(world: World) -> AsyncGenerator[str, Finding]:
    gas = await world.skill("Gas")
    need = {"skill_id": gas["id"], "level": 1}
    kind = await world.job_type(skills=[need])
    ended = (world.today - DAY).isoformat()
    tess = await world.technician("Tess", skills=[{**need, "expires_on": ended}])
    yield (
        f"Job type “{kind['name']}” needs “{gas['name']}” (level 1), and the certificate of"
        " everybody who has it has expired."
    )
    later = (world.today + 400 * DAY).isoformat()
    await world.set(f"/api/v2/technicians/{tess}", skills=[{**need, "expires_on": later}])


@fault
async def crew_larger_than_staff(world: World) -> AsyncGenerator[str, Finding]:
    await world.sql("update job_types set crew_size = 1")
    kind = await world.job_type()
    staff = await world.sql(
        "update job_types set crew_size = 20 where id = :id returning"
        " (select count(*) from technicians where active and deleted_at is null)",
        id=kind["id"],
    )
    yield f"Job type “{kind['name']}” needs 20 people, and only {staff} are active."


@fault
async def job_type_without_price(world: World) -> AsyncGenerator[str, Finding]:
    kind = await world.job_type(unit_price=None)
    yield f"Job type “{kind['name']}” has no price, so its invoices begin with nothing to pay."
    await world.set(f"/api/v2/job-types/{kind['id']}", unit_price="0")


@fault
async def job_type_below_cost(world: World) -> AsyncGenerator[str, Finding]:
    kind = await world.job_type(unit_price="100", unit_cost="120.5")
    yield f"Job type “{kind['name']}” costs 120.5 and is sold for 100."
    await world.set(f"/api/v2/job-types/{kind['id']}", unit_price="240")


@fault
async def job_type_longer_than_a_day(world: World) -> AsyncGenerator[str, Finding]:
    kind = await world.job_type(duration_minutes=1500)
    yield f"Job type “{kind['name']}” takes 25 h, and nobody's day is longer than 9 h."
    await world.set(f"/api/v2/job-types/{kind['id']}", duration_minutes=90)


# people and crews


@fault
async def technician_without_hours(world: World) -> AsyncGenerator[str, Finding]:
    branch = await world.owner.made("/api/v2/branches", {"name": "Silent", "working_hours": {}})
    body = {"name": "Silent", "branch_id": branch["id"]}
    team = await world.owner.made("/api/v2/teams", body)
    await world.technician("Noa Hour", team_id=team["id"])
    yield "Nobody has said when Noa Hour works: there is no shift, and no working hours."


@fault
async def technician_without_base(world: World) -> AsyncGenerator[str, Finding]:
    await world.sql("update technicians set base_latitude = 33.4, base_longitude = -112.1")
    own = await world.owner.got(OWN)
    await world.set(OWN, base_latitude=None, base_longitude=None)
    tess = await world.technician("Tess Where")
    yield "Nobody has said where Tess Where's day begins, so the first drive counts as none."
    await world.set(f"/api/v2/technicians/{tess}", base_latitude=33.4, base_longitude=-112.1)
    base = {name: own[name] for name in ("base_latitude", "base_longitude")}
    await world.set(OWN, **base)


@fault
async def certificate_expires(world: World) -> AsyncGenerator[str, Finding]:
    dye = await world.skill("Dye test")
    ends = world.today + 9 * DAY
    held = {"skill_id": dye["id"], "level": 1, "expires_on": ends.isoformat()}
    tess = await world.technician("Tess Certified", skills=[held])
    yield f"“{dye['name']}” of Tess Certified expires on {wall.spoken_date(ends)}."
    later = (world.today + 400 * DAY).isoformat()
    await world.set(f"/api/v2/technicians/{tess}", skills=[{**held, "expires_on": later}])


def _shift(whose: str, name: str, **more: Any) -> dict[str, Any]:
    spans = [{"weekday": day, "start": "08:00", "end": "16:00"} for day in ("mon", "thu")]
    return {
        "technician_id": whose, "name": name, "valid_from": "2026-01-01", "spans": spans, **more
    }  # fmt: skip


@fault
async def shifts_overlap(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Twice")
    old = await world.owner.made("/api/v2/shifts", _shift(tess, "Old"))
    late = [{"weekday": "thu", "start": "15:00", "end": "23:00"}]
    await world.owner.made("/api/v2/shifts", _shift(tess, "New", spans=late))
    thursday = world.today + (3 - world.today.weekday()) % 7 * DAY
    yield f"Tess Twice's shifts “Old” and “New” overlap on {wall.spoken_day(thursday)}."
    yesterday = (world.today - DAY).isoformat()
    await world.set(f"/api/v2/shifts/{old['id']}", valid_until=yesterday)


@fault
async def shift_without_hours(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Begun")
    await world.owner.made("/api/v2/shifts", _shift(tess, "Nights", spans=[]))
    yield (
        "Shift “Nights” of Tess Begun has no hours, and overrides nothing: it is neither work nor a"
        " day off."
    )


async def _crew(world: World, name: str, *members: str, **more: Any) -> Any:
    rows = [{"technician_id": one, "first_day": "2026-01-01"} for one in members]
    return await world.owner.made("/api/v2/crews", {"name": name, "members": rows, **more})


@fault
async def crew_without_members(world: World) -> AsyncGenerator[str, Finding]:
    await _crew(world, "Nobody's crew")
    yield "Crew “Nobody's crew” has no members."


@fault
async def crew_led_from_outside(world: World) -> AsyncGenerator[str, Finding]:
    tess, uma = await world.technician("Tess Led"), await world.technician("Uma Lead")
    crew = await _crew(world, "South crew", tess, uma, lead_id=uma)
    yesterday = world.today - DAY
    await world.sql(
        "update crew_members set last_day = :day where crew_id = :crew and technician_id = :uma",
        day=yesterday, crew=crew["id"], uma=uma,
    )  # fmt: skip
    yield "Crew “South crew” is led by Uma Lead, who is not a member of it."


@fault
async def crew_member_gone(world: World) -> AsyncGenerator[str, Finding]:
    tess, uma = await world.technician("Tess Stays"), await world.technician("Uma Gone")
    crew = await _crew(world, "West crew", tess, uma)
    await world.sql("update technicians set active = false where id = :id", id=uma)
    yield "Uma Gone is a member of crew “West crew”, and is not active any more."
    stays = [{"technician_id": tess, "first_day": "2026-01-01"}]
    await world.set(f"/api/v2/crews/{crew['id']}", members=stays)


async def _truck(world: World, name: str) -> str:
    return str((await world.owner.made("/api/v2/vehicles", {"name": name}))["id"])


@fault
async def crew_vehicle_gone(world: World) -> AsyncGenerator[str, Finding]:
    tess, truck = await world.technician("Tess Drives"), await _truck(world, "Old truck")
    await _crew(world, "East crew", tess, vehicle_id=truck)
    await world.sql("update vehicles set active = false where id = :id", id=truck)
    yield "Crew “East crew” drives “Old truck”, which is out of service."


@fault
async def technician_shut_out(world: World) -> AsyncGenerator[str, Finding]:
    who = await world.company.person("technician", "tara shut")
    await world.technician("Tara Shut", member_id=str(who.user_id))
    await world.owner.made(f"/api/v2/memberships/{who.user_id}/suspend")
    yield "Tara Shut is an active technician, and cannot sign in."
    await world.owner.made(f"/api/v2/memberships/{who.user_id}/reinstate")


# places


@fault
async def site_without_coordinates(world: World) -> AsyncGenerator[str, Finding]:
    made = await world.site(street="1 Nowhere Ln")
    await world.sql(
        "update sites set latitude = null, longitude = null, placed_by = null, precision = null"
        " where id = :id",
        id=made["id"],
    )
    yield "The site 1 Nowhere Ln, Phoenix is not on the map."
    await world.set(f"/api/v2/sites/{made['id']}", latitude=33.45, longitude=-112.07)


@fault
async def site_placed_vaguely(world: World) -> AsyncGenerator[str, Finding]:
    made = await world.site(street="2 Vague Ln")
    yield "The site 2 Vague Ln, Phoenix is placed only by its postal code, 85001."
    await world.set(f"/api/v2/sites/{made['id']}", latitude=33.45, longitude=-112.07)


@fault
async def site_lookup_given_up(world: World) -> AsyncGenerator[str, Finding]:
    made = await world.site(street="3 Asked Ln")
    await world.sql(
        "insert into site_lookups (org_id, id, site_id, attempts, failure)"
        " values (:org, :id, :site, 8, 'They do not answer.')"
        " on conflict (org_id, site_id) do update set due_at = null, failure = excluded.failure",
        org=world.company.id, id=uuid4(), site=made["id"],
    )  # fmt: skip
    yield "Nobody could be asked where the site 3 Asked Ln, Phoenix is: They do not answer."
    await world.set(f"/api/v2/sites/{made['id']}", latitude=33.45, longitude=-112.07)


@fault
async def site_without_territory(world: World) -> AsyncGenerator[str, Finding]:
    claimed = ["AZ", "CO"]
    body = {"name": "The west", "regions": claimed}
    west = await world.owner.made("/api/v2/territories", body)
    await world.site(street="4 Far Ln", postal_code="96813")
    yield "The site 4 Far Ln, Honolulu, HI 96813, lies in no territory."
    await world.set(f"/api/v2/territories/{west['id']}", regions=[*claimed, "HI"])


@fault
async def site_in_another_zone(world: World) -> AsyncGenerator[str, Finding]:
    await world.site(street="5 Late Ln", time_zone="America/New_York")
    yield (
        "The site 5 Late Ln, Phoenix is kept by the clock of America/New_York, and 85001 lies in"
        " America/Phoenix."
    )


@fault
async def zone_unknown(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Zone")
    await world.sql("update technicians set time_zone = 'Mars/Base' where id = :id", id=tess)
    yield "The time zone of the technician “Tess Zone” is “Mars/Base”, which is none."


@fault
async def territory_without_sites(world: World) -> AsyncGenerator[str, Finding]:
    await world.owner.made("/api/v2/territories", {"name": "Only a name"})
    yield "Territory “Only a name” claims nothing, and no site lies in it."


@fault
async def territories_claim_the_same(world: World) -> AsyncGenerator[str, Finding]:
    one = {"name": "Atlantic", "postal_codes": ["02139"]}
    other = {"name": "Boston", "postal_codes": ["02140"]}
    await world.owner.made("/api/v2/territories", one)
    boston = await world.owner.made("/api/v2/territories", other)
    await world.sql(
        "update territories set postal_codes = array['02139'] where id = :id", id=boston["id"]
    )
    yield "Postal code 02139 is claimed by “Atlantic”, “Boston”."
    await world.set(f"/api/v2/territories/{boston['id']}", postal_codes=["02140"])


# the board


@fault
async def visit_technician_gone(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Gone")
    visit = await world.planned(tess)
    await world.sql("update technicians set active = false where id = :id", id=tess)
    yield f"Tess Gone is not active any more, and is on {world.said(visit)}."


@fault
async def visit_vehicle_gone(world: World) -> AsyncGenerator[str, Finding]:
    tess, truck = await world.technician("Tess Truck"), await _truck(world, "Broken truck")
    order = await world.job.work.order()
    visit = await world.job.planned(tess, work_order_id=order["id"])
    visit = await did(
        world.owner, visit, "schedule", technician_ids=[tess], vehicle_ids=[truck],
        start=world.job.nine.isoformat(),
    )  # fmt: skip
    await world.sql("update vehicles set active = false where id = :id", id=truck)
    yield f"“Broken truck” is out of service, and is on {world.said(visit)}."


@fault
async def visit_over_time_off(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Off")
    visit = await world.planned(tess)
    body = {"technician_id": tess, "kind": "vacation", "first_day": world.job.day}
    off = await world.owner.made("/api/v2/time-off", body)
    await world.owner.made(f"/api/v2/time-off/{off['id']}/approve")
    yield f"Tess Off has time off, and is on {world.said(visit)}."


@fault
async def visit_outside_hours(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Night")
    order = await world.job.work.order()
    start = datetime.combine(
        world.job.nine.astimezone(ZoneInfo(world.zone)).date(),
        datetime.min.time().replace(hour=20),
        ZoneInfo(world.zone),
    )
    await world.job.planned(tess, at=start, work_order_id=order["id"])
    spoken = wall.spoken(start, start + HOUR, world.zone)
    yield f"{order['number']}: Tess Night does not work {spoken}."


@fault
async def visit_lacks_skill(world: World) -> AsyncGenerator[str, Finding]:
    tess, laser = await world.technician("Tess Skill"), await world.skill("Laser")
    kind = await world.job_type()
    visit = await world.planned(tess, work={"job_type_id": kind["id"]})
    need = {"skill_id": laser["id"], "level": 2}
    await world.set(f"/api/v2/job-types/{kind['id']}", skills=[need])
    yield f"Nobody on {world.said(visit)} has “{laser['name']}” (level 2)."


@fault
async def certificate_ends_before_visit(world: World) -> AsyncGenerator[str, Finding]:
    boiler = await world.skill("Boiler")
    need = {"skill_id": boiler["id"], "level": 1}
    tess = await world.technician("Tess Boiler", skills=[need])
    kind = await world.job_type(skills=[need])
    visit = await world.planned(tess, work={"job_type_id": kind["id"]})
    ends = date.fromisoformat(world.job.day) - DAY
    path = f"/api/v2/technicians/{tess}"
    await world.set(path, skills=[{**need, "expires_on": ends.isoformat()}])
    yield (
        f"“{boiler['name']}” of whoever is on {world.said(visit)} ends on {wall.spoken_date(ends)}."
    )
    await world.set(path, skills=[{**need, "expires_on": world.job.day}])


def _open(*spans: tuple[str, str]) -> list[dict[str, str]]:
    """The same hours on each day."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [
        {"weekday": day, "opens": opens, "closes": closes}
        for day in days
        for opens, closes in spans
    ]


def _in_words(opens: str, closes: str) -> str:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return ", ".join(f"{day} {opens}–{closes}" for day in days)


@fault
async def visit_outside_access(world: World) -> AsyncGenerator[str, Finding]:
    tess, site = await world.technician("Tess Gate"), await world.site(street="6 Gate Ln")
    visit = await world.planned(tess, work={"site_id": site["id"]})
    await world.set(f"/api/v2/sites/{site['id']}", access_hours=_open(("13:00", "17:00")))
    hours = _in_words("13:00", "17:00")
    yield f"{world.said(visit)} is outside the hours of the site: {hours}."


@fault
async def promise_outside_access(world: World) -> AsyncGenerator[str, Finding]:
    site = await world.site(street="7 Shut Ln")
    order = await world.job.work.order(site_id=site["id"])
    window = {
        "window_start_local": f"{world.job.day}T08:00",
        "window_end_local": f"{world.job.day}T10:00",
    }
    visit = await world.job.visit(work_order_id=order["id"], **window)
    await world.set(f"/api/v2/sites/{site['id']}", access_hours=_open(("13:00", "17:00")))
    hours = _in_words("13:00", "17:00")
    told = f"{world.job.said}, 08:00–10:00"
    yield f"{order['number']} is promised for {told}, and the site is open {hours}."
    later = {
        "window_start_local": f"{world.job.day}T13:00",
        "window_end_local": f"{world.job.day}T15:00",
    }
    await did(world.owner, visit, "promise", told_via="phone", reason="The gate is shut", **later)


@fault
async def access_hours_too_short(world: World) -> AsyncGenerator[str, Finding]:
    site = await world.site(street="8 Short Ln")
    kind = await world.job_type(duration_minutes=150)
    order = await world.job.work.order(site_id=site["id"], job_type_id=kind["id"])
    await world.job.visit(work_order_id=order["id"])
    path = f"/api/v2/sites/{site['id']}"
    await world.set(path, access_hours=_open(("09:00", "10:00")))
    hours = _in_words("09:00", "10:00")
    yield (f"{kind['name']} of {order['number']} takes 2 h 30 min, and the site is open {hours}.")
    await world.set(path, access_hours=_open(("09:00", "12:00")))


@fault
async def visit_outside_promise(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Promise")
    order = await world.job.work.order()
    day = world.job.day
    window = {"window_start_local": f"{day}T13:00", "window_end_local": f"{day}T15:00"}
    visit = await world.job.planned(tess, work_order_id=order["id"], **window)
    yield f"{world.said(visit)} was promised for {world.job.said}, 13:00–15:00."
    afternoon = (world.job.nine + 4 * HOUR).isoformat()
    await did(world.owner, visit, "schedule", technician_ids=[tess], start=afternoon)


@fault
async def visit_before_its_part(world: World) -> AsyncGenerator[str, Finding]:
    tess, uma = await world.technician("Tess First"), await world.technician("Uma Second")
    order = await world.job.work.order()
    first = await world.job.planned(tess, work_order_id=order["id"])
    second = await world.job.planned(uma, work_order_id=order["id"])
    await world.sql(
        "update visits set follows_id = :first where id = :second",
        first=first["id"], second=second["id"],
    )  # fmt: skip
    when = wall.spoken(world.job.nine, world.job.nine + HOUR, "America/Phoenix")
    yield f"{world.said(second)} follows a part of the same work that is not over by then: {when}."


@fault
async def visit_never_begun(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Late")
    visit = await world.planned(tess)
    past = await world.sql(
        "with moved as (update bookings set during = tstzrange(lower(during) - interval '5 days',"
        " upper(during) - interval '5 days') where visit_id = :id)"
        " update visits set planned_start = planned_start - interval '5 days', planned_end ="
        " planned_end - interval '5 days' where id = :id returning planned_start",
        id=visit["id"],
    )
    said = world.said(
        {**visit, "planned_start": past.isoformat(), "planned_end": (past + HOUR).isoformat()}
    )
    yield f"{said} is past, and nobody began it."
    times = {
        "arrived_at": past.isoformat(),
        "started_at": past.isoformat(),
        "finished_at": (past + HOUR).isoformat(),
    }
    await did(world.owner, visit, "complete", **times)


@fault
async def promise_without_anybody(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Saves")
    order = await world.job.work.order()
    visit = await world.job.visit(work_order_id=order["id"])
    start = clock.now().replace(minute=0, second=0, microsecond=0) + HOUR
    body = {"window_start": start.isoformat(), "window_end": (start + 2 * HOUR).isoformat()}
    visit = await did(world.owner, visit, "promise", told_via="phone", **body)
    spoken = wall.spoken(start, start + 2 * HOUR, "America/Phoenix")
    yield f"{order['number']} is promised for {spoken}, and nobody is to come."
    await did(world.owner, visit, "schedule", technician_ids=[tess], start=start.isoformat())


@fault
async def work_order_without_visit(world: World) -> AsyncGenerator[str, Finding]:
    order = await world.job.work.order(summary="Forgotten tank")
    await world.sql(
        "update work_orders set created_at = created_at - interval '3 days' where id = :id",
        id=order["id"],
    )
    yield f"{order['number']} (Forgotten tank) is ready, and nobody is going to come for it."


async def _customer(world: World, name: str) -> tuple[str, dict[str, Any]]:
    """A customer who pays for work at the site, and what work orders of theirs say."""
    made = await world.owner.made("/api/v2/customers", {"name": name})
    return made["id"], {"customer_id": made["id"]}


@fault
async def visit_on_credit_hold(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Credit")
    ann, work = await _customer(world, "Ann Owes")
    visit = await world.planned(tess, work=work)
    path = f"/api/v2/customers/{ann}"
    await world.owner.made(f"{path}/hold-credit", {"reason": "Three invoices are open."})
    yield (f"{world.said(visit)} is for Ann Owes, who is on credit hold: Three invoices are open.")
    await world.owner.made(f"{path}/release-credit", {})


@fault
async def visit_not_to_be_served(world: World) -> AsyncGenerator[str, Finding]:
    tess = await world.technician("Tess Served")
    bob, work = await _customer(world, "Bob Bites")
    visit = await world.planned(tess, work=work)
    await world.owner.made(f"/api/v2/customers/{bob}/stop-service", {"reason": "Threatened us."})
    yield f"{world.said(visit)} is for Bob Bites, who is not to be served: Threatened us."


@fault
async def event_without_participants(world: World) -> AsyncGenerator[str, Finding]:
    start, end = world.job.nine, world.job.nine + HOUR
    body = {"title": "Toolbox talk", "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    await world.owner.made("/api/v2/events", body)
    spoken = wall.spoken(start, end, world.zone)
    yield f"“Toolbox talk” on {spoken} takes nobody's time."


# the office


async def _without(world: World, sentence: str, **empty: Any) -> AsyncGenerator[str, Finding]:
    """Settings that are missing, and filled in again."""
    own = await world.owner.got(OWN)
    before = {name: own[name] for name in empty}
    await world.set(OWN, **empty)
    yield sentence.format(own["name"])
    await world.set(OWN, **before)


@fault
async def organisation_without_address(world: World) -> AsyncGenerator[str, Finding]:
    said = "{} has no street and no city, so its invoices do not say where it is."
    async for one in _without(world, said, street="", city=""):
        yield one


@fault
async def organisation_without_contact(world: World) -> AsyncGenerator[str, Finding]:
    said = "{} gives neither an e-mail address nor a telephone number: nobody can answer its"
    async for one in _without(world, f"{said} invoices and mails.", email=None, phone=None):
        yield one


@fault
async def organisation_without_tax_number(world: World) -> AsyncGenerator[str, Finding]:
    said = "{} charges VAT and has no tax number on its invoices."
    async for one in _without(world, said, country="DE", tax_label="VAT", tax_number=None):
        yield one


@fault
async def organisation_without_payment_instructions(
    world: World,
) -> AsyncGenerator[str, Finding]:
    said = "The invoices of {} do not say how to pay them."
    async for one in _without(world, said, payment_instructions=""):
        yield one


@fault
async def organisation_without_logo(world: World) -> AsyncGenerator[str, Finding]:
    name = (await world.owner.got(OWN))["name"]
    logo = (await world.owner.get(f"{OWN}/logo")).content
    assert (await world.owner.delete(f"{OWN}/logo")).status_code == 204
    yield f"{name} has no logo, so its papers carry only its name."
    reply = await world.owner.put(f"{OWN}/logo", files={"file": ("logo.svg", logo)})
    assert reply.status_code == 200, reply.text


@fault
async def holidays_missing(world: World) -> AsyncGenerator[str, Finding]:
    own = await world.owner.got(OWN)
    weekdays = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    later = world.today + 60 * DAY
    if later.year > world.today.year:
        await world.owner.made("/api/v2/public-holidays", {"country": "US", "year": later.year})
    await world.set(OWN, working_hours=weekdays)
    yield f"No holiday of {world.today.year} is known, so work is planned on all of them."
    await world.owner.made("/api/v2/public-holidays", {"country": "US", "year": world.today.year})
    await world.set(OWN, working_hours=own["working_hours"])


@fault
async def arrival_windows_missing(world: World) -> AsyncGenerator[str, Finding]:
    await world.sql("delete from arrival_windows")
    yield "There are no arrival windows to offer when a customer calls."


@fault
async def arrival_windows_overlap(world: World) -> AsyncGenerator[str, Finding]:
    windows = [{"start": "08:00", "end": "10:00"}, {"start": "09:00", "end": "11:00"}]
    body = {"name": "Both", "windows": windows}
    made = await world.owner.made("/api/v2/arrival-windows", body)
    yield "The arrival windows 08:00–10:00 and 09:00–11:00 of “Both” overlap."
    windows[1]["start"] = "10:00"
    await world.set(f"/api/v2/arrival-windows/{made['id']}", windows=windows)


@fault
async def arrival_windows_outside_hours(world: World) -> AsyncGenerator[str, Finding]:
    evening = [{"start": "18:00", "end": "20:00", "weekdays": ["fri"]}]
    body = {"name": "Evenings", "windows": evening}
    made = await world.owner.made("/api/v2/arrival-windows", body)
    yield ("The arrival window 18:00–20:00 of “Evenings” lies outside the working hours on Friday.")
    assert (await world.owner.delete(f"/api/v2/arrival-windows/{made['id']}")).status_code == 204


@fault
async def invoice_draft_forgotten(world: World) -> AsyncGenerator[str, Finding]:
    order = await world.job.work.order()
    draft = await world.owner.made(f"/api/v2/work-orders/{order['id']}/invoices", {})
    await world.sql(
        "update invoices set created_at = created_at - interval '40 days' where id = :id",
        id=draft["id"],
    )
    yield "The draft invoice for Ann Lee has waited for 40 days."
    await world.owner.made(f"/api/v2/invoices/{draft['id']}/issue", {})


@fault
async def invitation_expired(world: World) -> AsyncGenerator[str, Finding]:
    body = {"email": "ines@example.com", "name": "Ines", "role": "viewer"}
    made = await world.owner.made("/api/v2/invitations", body)
    await world.sql(
        "update identity.invitations set expires_at = expires_at - interval '60 days'"
        " where id = :id",
        id=made["id"],
    )
    yield "The invitation of Ines (ines@example.com) has expired."


# the installation


@fault
async def mail_goes_nowhere(world: World) -> AsyncGenerator[str, Finding]:
    world.lend(post=NoPost())
    yield "No mail server is set: invitations, codes and invoices wait and are not sent."
    world.lend()


@fault
async def links_lead_nowhere(world: World) -> AsyncGenerator[str, Finding]:
    world.lend(post=SMTP, public_url="http://127.0.0.1:8000")
    yield "Links in mails begin with http://127.0.0.1:8000, which only this machine reaches."
    world.lend(post=SMTP, public_url="https://desk.example.com")


@fault
async def mail_refused(world: World) -> AsyncGenerator[str, Finding]:
    id = uuid4()
    await world.sql(
        "insert into mails (org_id, id, key, template, to_address, subject, status, failure)"
        " values (:org, :id, :key, 'invitation', 'no@example.com', 'Come in', 'refused',"
        " 'The mail server said 550 no such user.')",
        org=world.company.id, id=id, key=str(id),
    )  # fmt: skip
    yield ("“Come in” to no@example.com was not taken: The mail server said 550 no such user.")
    await world.sql("update mails set status = 'sent' where id = :id", id=id)


@fault
async def job_dead(world: World) -> AsyncGenerator[str, Finding]:
    await world.sql(
        "insert into jobs (org_id, id, kind, status, request_id, attempts, failure)"
        " values (:org, :id, 'sweep_holds', 'dead', 'r', 5, 'It broke.')",
        org=world.company.id, id=uuid4(),
    )  # fmt: skip
    yield "The job “sweep_holds” was given up after 5 attempts: It broke."


@fault
async def drives_unanswered(world: World) -> AsyncGenerator[str, Finding]:
    await world.sql(
        "insert into travel_times (org_id, provider, start_latitude_e5, start_longitude_e5,"
        " goal_latitude_e5, goal_longitude_e5, band, moving, zone, due_at, attempts)"
        " values (:org, 'osrm', 1, 1, 2, 2, :band, false, :zone, system.clock(), 5)",
        org=world.company.id, band=next(iter(Band)).value, zone=world.zone,
    )  # fmt: skip
    yield "osrm has not said how long 1 drive takes, though asked 4 times or more."
    await world.sql(
        "update travel_times set due_at = null, answered_on = :day, attempts = 0", day=world.today
    )


@fault
async def owner_without_second_factor(world: World) -> AsyncGenerator[str, Finding]:
    who = await world.company.person("owner", "olga one")
    world.lend(post=SMTP, public_url="https://desk.example.com")
    others = "select user_id from identity.memberships where user_id <> :user"
    factor = "insert into identity.totps (user_id, secret, created_at, confirmed_at)"
    at_once = ", '\\x00', system.clock(), system.clock()"
    await world.sql(f"{factor} select user_id{at_once} from ({others})", user=who.user_id)
    yield "Olga One owns the organisation and signs in with a password alone."
    await world.sql(f"{factor} select cast(:user as uuid){at_once}", user=who.user_id)
