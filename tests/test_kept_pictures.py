"""A picture that is kept from write to write is the picture that would be drawn anew."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.db import Scope
from app.core.ids import new_id
from app.models.permissions import Permission
from app.models.skills import Skill
from app.scheduling.model import Interval
from app.scheduling.slots import Found
from app.scheduling.table_search import search_tables
from app.services.context import Ctx
from app.services.dispatching import capacity, offers, pictures, wanted
from app.services.dispatching.pictures import Picture
from app.services.dispatching.wanted import Sought
from tests.support import clocks
from tests.support.deep import times
from tests.support.field import PHOENIX, VISITS, Job, a_job, skill
from tests.support.people import Company
from tests.support.queries import counted
from tests.test_availability import at_work, booking, desk, offered

__all__ = ["desk"]
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
Write = Callable[[], Awaitable[Any]]


@dataclass
class Firm:
    """People of a company and what was written of it so far."""

    job: Job
    owner: Any
    people: list[str]
    pick: Random
    knows: str
    """A skill."""
    visits: list[Any] = field(default_factory=list)
    went: set[str] = field(default_factory=set)
    """Which writes were done."""

    @property
    def today(self) -> date:
        return clock.now().astimezone(PHOENIX).date()

    def somewhen(self) -> datetime:
        """In the working hours of today or one of the days behind it."""
        day = self.today + ONE_DAY * self.pick.randrange(4)
        if day == self.today:
            return clock.now().replace(second=0) + timedelta(minutes=15) * self.pick.randrange(
                -8, 8
            )
        at = datetime(day.year, day.month, day.day, 8, tzinfo=PHOENIX)
        return (at + timedelta(minutes=15) * self.pick.randrange(36)).astimezone(UTC)

    def who(self) -> str:
        return self.pick.choice(self.people)

    async def sent(self, path: str, body: Any, method: str = "post") -> Any:
        """The reply to a write that may be refused for what else there is."""
        reply = await self.owner.request(method, path, json=body)
        assert reply.status_code < 500, reply.text
        assert reply.status_code not in (404, 405, 422, 428), (path, reply.text)
        return reply

    async def changed(self, path: str, body: dict[str, Any]) -> None:
        now = await self.owner.got(path)
        await self.owner.patched(path, now["version"], body)

    async def verb(self, name: str, **body: Any) -> None:
        """Something done to one of the visits."""
        if not self.visits:
            return
        path = f"{VISITS}/{self.pick.choice(self.visits)['id']}"
        version = (await self.owner.got(path))["version"]
        headers = {"If-Match": f'"v{version}"'}
        reply = await self.owner.post(f"{path}/{name}", json=body, headers=headers)
        assert reply.status_code < 500, reply.text
        assert reply.status_code not in (405, 422, 428), (name, reply.text)
        self.went.add(name if reply.status_code == 200 else f"no {name}")

    async def visit(self) -> None:
        made = await self.job.visit(duration_minutes=self.pick.choice((30, 60, 90)))
        self.visits.append(made)
        await self.job.schedule(made, self.who(), start=self.somewhen())

    async def promise(self) -> None:
        start = self.somewhen()
        window = {"window_start": start.isoformat(), "window_end": (start + 2 * HOUR).isoformat()}
        self.visits.append(await self.job.visit(**window))

    async def long(self) -> None:
        """Work that goes on over night, or for days."""
        start = self.somewhen()
        end = start + HOUR * self.pick.choice((10, 26, 75))
        made = await self.job.visit()
        self.visits.append(made)
        await self.job.schedule(made, self.who(), start=start, end=end.isoformat())

    async def move(self) -> None:
        people = self.pick.sample(self.people, self.pick.choice((1, 1, 2)))
        await self.verb("schedule", technician_ids=people, start=self.somewhen().isoformat())

    async def sold(self) -> None:
        order = await self.job.work.order()
        slots = (await offered(self.job, work_order_id=order["id"]))["slots"]
        for slot in slots[:1]:
            path = self.pick.choice(("/api/v2/slots/book", "/api/v2/holds"))
            await self.sent(path, booking(order, slot))

    async def urgent(self) -> None:
        for one in self.visits[-1:]:
            order = f"/api/v2/work-orders/{one['work_order_id']}"
            await self.changed(order, {"priority": self.pick.choice(("low", "high", "emergency"))})

    async def there(self) -> None:
        """The site is elsewhere, or closes early."""
        point = {"latitude": self.pick.uniform(33.3, 33.6), "longitude": -112.07}
        hours = [{"weekday": "mon", "opens": "09:00", "closes": "15:00"}]
        said = self.pick.choice((point, {"access_hours": hours}, {"access_hours": []}))
        await self.changed(f"/api/v2/sites/{self.job.work.site['id']}", said)

    async def event(self) -> None:
        start = self.somewhen()
        at = {"starts_at": start.isoformat(), "ends_at": (start + HOUR).isoformat()}
        place = self.pick.choice(({}, {"latitude": 33.5, "longitude": -112.0, "place": "Shop"}))
        await self.sent(
            "/api/v2/events", {"title": "Met", "technician_ids": [self.who()], **at, **place}
        )

    async def no_event(self) -> None:
        for one in (await self.owner.got("/api/v2/events"))["data"][:1]:
            await self.owner.delete(f"/api/v2/events/{one['id']}")

    async def off(self) -> None:
        day = (self.today + ONE_DAY * self.pick.randrange(4)).isoformat()
        body = {"technician_id": self.who(), "kind": "sick", "first_day": day, "last_day": day}
        reply = await self.sent("/api/v2/time-off", body)
        if reply.status_code == 201:
            await self.sent(f"/api/v2/time-off/{reply.json()['id']}/approve", {})

    async def back(self) -> None:
        for one in (await self.owner.got("/api/v2/time-off"))["data"][:1]:
            await self.sent(f"/api/v2/time-off/{one['id']}/cancel", {})

    async def hours(self) -> None:
        """Their shift is another one, or gone."""
        shifts = (await self.owner.got("/api/v2/shifts"))["data"]
        one = self.pick.choice(shifts)
        if len(shifts) > 2 and self.pick.random() < 0.3:
            await self.owner.delete(f"/api/v2/shifts/{one['id']}")
            return
        spans = [
            {"weekday": day, "start": self.pick.choice(("07:00", "09:00")), "end": "16:00"}
            for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        ]
        await self.owner.patched(f"/api/v2/shifts/{one['id']}", one["version"], {"spans": spans})

    async def crew(self) -> None:
        members = [
            {"technician_id": one, "first_day": self.today.isoformat()}
            for one in self.pick.sample(self.people, 2)
        ]
        made = await self.sent("/api/v2/crews", {"name": f"Crew {new_id()}", "members": members})
        if made.status_code == 201:
            spans = [{"weekday": "sat", "start": "06:00", "end": "20:00"}]
            body = {"name": "Ours", "valid_from": "2026-01-01", "spans": spans, "overrides": True}
            await self.sent("/api/v2/shifts", {"crew_id": made.json()["id"], **body})

    async def learn(self) -> None:
        skills = [{"skill_id": self.knows, "level": self.pick.randint(1, 3)}]
        who = f"/api/v2/technicians/{self.who()}"
        await self.changed(who, {"skills": self.pick.choice((skills, []))})

    async def named(self) -> None:
        await self.changed(
            f"/api/v2/technicians/{self.who()}", {"name": f"Tess {self.pick.random()}"}
        )

    async def leave(self) -> None:
        who = f"/api/v2/technicians/{self.who()}"
        await self.changed(who, {"active": not (await self.owner.got(who))["active"]})

    async def needs(self) -> None:
        skills = [{"skill_id": self.knows, "level": 2}]
        kind = f"/api/v2/job-types/{self.job.work.job_type_id}"
        await self.changed(kind, {"skills": self.pick.choice((skills, []))})

    async def settings(self) -> None:
        base = {"base_latitude": self.pick.uniform(33.3, 33.6), "base_longitude": -112.0}
        await self.changed("/api/v2/organisation", base)

    async def holiday(self) -> None:
        day = (self.today + ONE_DAY * self.pick.randrange(4)).isoformat()
        await self.sent("/api/v2/holidays", {"day": day, "name": f"Day {self.pick.random()}"})

    async def quiet(self) -> None:
        """What no picture shows."""
        await self.owner.made("/api/v2/customers", {"name": "Somebody Else"})

    def writes(self) -> list[Write]:
        return [
            self.visit, self.visit, self.long, self.promise, self.move, self.move, self.sold, self.sold, self.urgent,
            self.there, self.event, self.no_event, self.off, self.back, self.hours, self.crew, self.learn,
            self.named, self.leave, self.needs, self.settings, self.holiday, self.quiet,
            lambda: self.verb("unschedule"), lambda: self.verb("cancel", reason="no more"),
            lambda: self.verb("en-route"), lambda: self.verb("arrive"), lambda: self.verb("start"),
            lambda: self.verb("complete"), lambda: self.verb("confirm", via="phone"),
            lambda: self.verb("extend", minutes=self.pick.choice((30, 300))),
            lambda: self.verb("resize", minutes=self.pick.choice((60, 900, 3000))),
        ]  # fmt: skip


async def test_what_is_kept_is_what_would_be_drawn_anew(desk: Company) -> None:
    pick = Random(11)
    with clocks.at(datetime.now(UTC).replace(microsecond=0)) as hands:
        firm = await a_firm(desk, pick)
        writes = firm.writes()
        for number, write in enumerate([firm.visit, *pick.choices(writes, k=times(9, deep=400))]):
            if number % 30 == 29:
                await firm.owner.again()
                await firm.job.dana.again()
            await write()
            moment = hands.get()
            assert moment is not None
            hands.set(moment + timedelta(seconds=pick.choice((0, 0, 1, 5, 61))))
            await the_same(firm)
        assert firm.visits


async def test_what_reaches_into_other_days_is_kept_on_each(desk: Company) -> None:
    """And taken off each, wherever it goes."""
    with clocks.at(datetime.now(UTC).replace(microsecond=0)) as hands:
        firm = await a_firm(desk, Random(3))
        tess, _, uma = firm.people
        day = firm.today + ONE_DAY
        nine = datetime(day.year, day.month, day.day, 9, tzinfo=PHOENIX).astimezone(UTC)
        made = await firm.job.visit()
        firm.visits.append(made)
        assert await taken(firm) == {}
        end = nine + 2 * ONE_DAY - HOUR
        reply = await firm.job.schedule(made, tess, start=nine, end=end.isoformat())
        assert reply.status_code == 200, reply.text
        assert await taken(firm) == {(tess, 1): True, (tess, 2): True, (tess, 3): True}
        away = {"start": (nine + ONE_DAY + 14 * HOUR).isoformat()}
        await firm.verb("move", **away, technician_ids=[uma])
        assert await taken(firm) == {(uma, 2): True, (uma, 3): True, (uma, 4): True}
        await firm.verb("resize", minutes=45)
        assert await taken(firm) == {(uma, 2): True}
        await firm.verb("resize", minutes=180)
        await firm.verb("move", start=(nine + 14 * HOUR).isoformat())
        assert await taken(firm) == {(uma, 1): True, (uma, 2): True}
        # whoever is on the way late will be there until later
        await firm.verb("en-route")
        for minutes in (10, 30, 50):
            hands.set(nine + 14 * HOUR + timedelta(minutes=minutes))
            await firm.owner.again()
            await firm.job.dana.again()
            await the_same(firm)
        await firm.verb("arrive")
        await the_same(firm)
        assert firm.went >= {"move", "resize", "en-route", "arrive"}


async def taken(firm: Firm) -> dict[tuple[str, int], bool]:
    """On which of the next days whose time is taken, by the picture that is kept and one drawn anew."""
    await the_same(firm)
    async with firm.job.company.server.state.sessions.open(Scope(firm.job.company.id)) as session:
        ctx = Ctx(session, firm.job.company.id, None, frozenset(Permission))
        kept = await pictures.of(ctx, firm.today, firm.today + 3 * ONE_DAY)
        return {
            (str(one.person.technician_id), (one.person.day - firm.today).days): True
            for one in kept.seen.days
            if one.standing or one.resource.busy
        }


async def test_after_a_write_only_what_changed_is_read(desk: Company) -> None:
    """As many statements, however many people there are, and none of their calendars."""
    job = await a_job(desk)
    tess = await at_work(desk, job)
    order = await job.work.order()
    await offered(job, work_order_id=order["id"])
    visit = await job.planned(tess)
    with counted(desk.server) as queries:
        found = await offered(job, work_order_id=order["id"])
    assert "08:00" not in [one["start_local"] for one in found["slots"][:1]]
    assert not [one for one in queries if "FROM shifts" in one or "FROM technicians" in one]
    assert len(queries) <= 24, queries
    day = {"first_day": job.day, "last_day": job.day, "kind": "sick", "technician_id": tess}
    off = await job.dana.made("/api/v2/time-off", day)
    await (await desk.person("owner")).made(f"/api/v2/time-off/{off['id']}/approve", {})
    gone = await offered(job, work_order_id=order["id"])
    assert gone["slots"] == [], visit


async def test_whoever_draws_what_is_not_kept_leaves_nothing_behind(desk: Company) -> None:
    job = await a_job(desk)
    await at_work(desk, job)
    sessions, day = desk.server.state.sessions, clock.now().date()
    async with sessions.open(Scope(desk.id)) as session:
        ctx = Ctx(session, desk.id, None, frozenset(Permission))
        # a transaction that has written: what it sees is its own
        session.add(Skill(name="Gas"))
        await session.flush()
        await pictures.of(ctx, day, day)
        kept = pictures._KEPT[session.get_bind()]
        key = (desk.id, day - ONE_DAY, day + ONE_DAY)
        assert kept.pictures.get(key) is None
        assert key not in kept.turns


async def a_firm(desk: Company, pick: Random) -> Firm:
    """Three people, one of whom works around the clock."""
    job = await a_job(desk)
    names = ("Tess", "Tom", "Uma")
    people = [await at_work(desk, job, name) for name in names[:2]]
    spans = [
        {"weekday": day, "start": "00:00", "end": "23:45"}
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    ]
    people.append(await at_work(desk, job, names[2], spans=spans))
    return Firm(job, await desk.person("owner"), people, pick, await skill(desk, "Gas"))


async def the_same(firm: Firm) -> None:
    """The picture that is kept, and one that is drawn anew, in all that somebody may ask of them."""
    first, last = firm.today, firm.today + 3 * ONE_DAY
    company = firm.job.company
    async with company.server.state.sessions.open(Scope(company.id)) as session:
        ctx = Ctx(session, company.id, None, frozenset(Permission))
        kept = await pictures.of(ctx, first, last)
        # by the clock of the picture that is kept, which may be a minute behind
        moment = clock.now()
        with clocks.at(datetime.fromtimestamp(kept.seen.now, UTC)):
            fresh, _ = await pictures._drawn(ctx, kept.seen.first, kept.seen.last, None)
        assert moment - datetime.fromtimestamp(kept.seen.now, UTC) <= timedelta(minutes=1)
        assert told(kept) == told(fresh)
        kind = UUID(firm.job.work.job_type_id)
        site = UUID(firm.job.work.site["id"])
        sought = Sought(job_type_id=kind, site_id=site)
        work = await wanted.of(ctx, sought, first, last)
        seen = await offers.look(ctx, work, first, last)
        again = search_tables(fresh.boards.table, work.task, spans(seen), pictures.WEIGHTS)
        assert same(search_tables(seen.table, work.task, spans(seen), pictures.WEIGHTS), again)
        task = work.task
        for territory, trade in ((task.territory, task.trade), (None, None)):
            asked = {"territory": territory, "trade": trade, "kept": ()}
            windows = [one.window for one in seen.cells]
            mine = capacity.cells(kept, windows, task, **asked)
            assert mine == capacity.cells(fresh, windows, task, **asked)


def spans(looked: offers.Looked) -> list[Interval]:
    return [one.window for one in looked.cells]


def same(found: Found, other: Found) -> bool:
    return (found.slots, found.soonest, found.looked_at) == (
        other.slots,
        other.soonest,
        other.looked_at,
    )


def told(picture: Picture) -> dict[str, Any]:
    """All that a picture says, in an order of its own."""
    seen, table = picture.seen, picture.boards.table
    return {
        "days": {one.resource.id: one for one in seen.days},
        "visits": seen.visits,
        "holds": seen.holds,
        "shadows": seen.shadows,
        "elsewhere": set(seen.elsewhere),
        "ended": seen.ended,
        "team": (sorted(seen.team), seen.others),
        "names": picture.names,
        "boards": {one.resource.id: (one.resource, one.standing) for one in table.boards},
        "rows": table.rows.shape[1],
        "oversold": {one.id for one in picture.oversold},
        "counts": {who.id: (who, taken) for who, taken in picture.counts},
        "waiting": sorted(picture.shadows, key=lambda one: one[0]),
        "taken": sorted(picture.taken, key=lambda one: (one[0], one[1].resource or "")),
    }
