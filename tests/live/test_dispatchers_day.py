"""A dispatcher's day, lived through the API against the demo company under a clock of its own, while two
boards are kept right by events alone and show exactly what the API shows after every step."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.core import clock
from app.services.dispatching import watching
from app.services.identity.passwords import hash_password
from app.tasks.schedules import in_each
from tests.support.alerts import of_board, of_list
from tests.support.boards import BOARD, Board, picture_of, settled, showing
from tests.support.demo import PASSWORD
from tests.support.field import VISITS, a_job, did, technician
from tests.support.hours import Hours, living
from tests.support.journal import numbered
from tests.support.people import Company, Person, sign_in
from tests.support.server import Server
from tests.test_demo_hours import build_at, small
from tests.test_warnings import shift

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONE = ZoneInfo("America/Chicago")
DAWN = datetime(2031, 5, 14, 6, 0, tzinfo=ZONE).astimezone(UTC)
TO_COME = ("scheduled", "dispatched")
TOLD = ("visit.alert_raised", "visit.alert_cleared", "visit.alert_left")
STEP = timedelta(minutes=20)
"""Sessions are refreshed this often, as clients do."""


@dataclass
class Desk:
    """Two dispatchers, their boards, and the clock."""

    server: Server
    org: Any
    dana: Person
    leo: Person
    hours: Hours
    day: str
    boards: list[Board] = field(default_factory=list)
    steps: int = 0

    def at(self, hour: int, minute: int = 0) -> datetime:
        return DAWN.astimezone(ZONE).replace(hour=hour, minute=minute).astimezone(UTC)

    async def until(self, hour: int, minute: int = 0) -> None:
        await self.until_moment(self.at(hour, minute))

    async def until_moment(self, goal: datetime) -> None:
        """Let the clock go on; the clock of alerts looks when it is there."""
        while clock.now() < goal:
            await self.hours.at(min(goal, clock.now() + STEP), self.dana, self.leo)
        await in_each(self.server.state.sessions, "watch_the_day", watching.tick)
        await self.same()

    async def version(self, visit: Any) -> int:
        return int((await self.dana.got(f"{VISITS}/{visit['id']}"))["version"])

    async def same(self) -> None:
        """Both boards show what the API shows, and what is wrong with the day is what the alerts say."""
        await numbered(self.server.database, self.org)
        seq = (await self.dana.got(BOARD, date=self.day))["seq"]
        await settled(self.boards, seq)
        board = await self.dana.got(BOARD, date=self.day)
        fresh = picture_of(board)
        for one in self.boards:
            assert one.picture == fresh
        assert of_board(board) == of_list(await self.dana.got("/api/v2/alerts", day=self.day))
        self.steps += 1

    async def said(
        self, verb: str, visit: Any, *, by: Person | None = None, look: bool = True, **body: Any
    ) -> Any:
        """A verb that must succeed; the boards follow."""
        who = by or self.dana
        version = (await who.got(f"{VISITS}/{visit['id']}"))["version"]
        reply = await who.post(
            f"{VISITS}/{visit['id']}/{verb}", json=body, headers={"If-Match": f'"v{version}"'}
        )
        assert reply.status_code == 200, (verb, reply.text)
        if look:
            await self.same()
        return reply.json()

    async def to_tell(self, visit: Any) -> str | None:
        """Why its customer has to be told, if they do."""
        found = (await self.dana.got("/api/v2/customers-to-tell"))["data"]
        return next((one["reason"] for one in found if one["visit_id"] == visit["id"]), None)

    async def last(self, verb: str) -> Any:
        """Undo, or redo, one's own last command."""
        done = (await self.dana.got("/api/v2/commands", mine="true", limit=1))["data"][0]
        reply = await self.dana.post(f"/api/v2/commands/{done['id']}/{verb}")
        assert reply.status_code == 200, reply.text
        await self.same()
        return reply.json()

    def lane_of(self, technician_id: str) -> Any:
        """Somebody's day."""
        [lane] = [one for one in self.boards[0].shown["lanes"] if one["id"] == technician_id]
        return lane["days"][0]

    def cell(self, id: str) -> Any:
        [found] = [one for one in self.boards[0].shown["visits"] if one["id"] == id]
        return found

    def stop(self, visit_id: str) -> Any:
        """A visit as it is expected, on its lead's lane."""
        lead = next(one for one in self.cell(visit_id)["assigned"] if one["is_lead"])
        stops = self.lane_of(lead["technician_id"])["stops"]
        return next(one for one in stops if one["visit_id"] == visit_id)

    def following(self, visit_id: str) -> Any:
        """What comes next on the same lane."""
        lead = next(one for one in self.cell(visit_id)["assigned"] if one["is_lead"])
        ids = [one["visit_id"] for one in self.lane_of(lead["technician_id"])["stops"]]
        return self.cell(ids[ids.index(visit_id) + 1])

    def first_to_go(self) -> Any:
        """The first visit of a lane that holds several, all of one person, none begun."""
        cells = {one["id"]: one for one in self.boards[0].shown["visits"]}
        found = []
        for lane in self.boards[0].shown["lanes"]:
            day = [cells[id] for id in lane["days"][0]["visit_ids"]]
            alone = all(len(one["assigned"]) == 1 for one in day)
            if len(day) > 2 and alone and all(one["status"] in TO_COME for one in day):
                found.append(day[0])
        soon = clock.now() + 5 * MINUTE
        found = [
            one for one in found if datetime.fromisoformat(self.stop(one["id"])["leave_by"]) > soon
        ]
        return min(found, key=lambda one: one["planned_start"])

    def ends(self) -> list[Any]:
        """The last visit of each lane that nobody has set off for, none of which has two people."""
        cells = {one["id"]: one for one in self.boards[0].shown["visits"]}
        last = []
        for lane in self.boards[0].shown["lanes"]:
            ids = lane["days"][0]["visit_ids"]
            one = cells[ids[-1]] if ids else None
            if one and one["status"] in TO_COME and len(one["assigned"]) == 1:
                last.append(one)
        return sorted(last, key=lambda one: one["planned_start"])

    async def alerts(self) -> set[tuple[str, str]]:
        found = await self.dana.got("/api/v2/alerts", day=self.day)
        return {(one["visit_id"], one["code"]) for one in found["data"]}

    def heard(self, visit: Any) -> list[str]:
        """What the boards were told of a visit's alerts by the clock, in order; both the same."""
        one, other = (
            [
                each["action"].removeprefix("visit.alert_")
                for each in board.live.all("event")
                if each["id"] == visit["id"] and each["action"] in TOLD
            ]
            for board in self.boards
        )
        assert one == other
        return one

    async def comes(self, visit: Any, code: str, moment: datetime) -> None:
        """An alert is not there the minute before, is there in its minute, and the boards are told."""
        await self.until_moment(moment - MINUTE)
        assert (visit["id"], code) not in await self.alerts()
        before = self.heard(visit)
        await self.until_moment(moment)
        assert (visit["id"], code) in await self.alerts()
        assert self.heard(visit) == [*before, "raised"]

    async def goes(self, visit: Any, *codes: str) -> None:
        """They are gone at once, and the boards are told in a minute."""
        found = await self.alerts()
        assert not {(visit["id"], code) for code in codes} & found
        before = self.heard(visit)
        await self.until_moment(clock.now() + MINUTE)
        assert self.heard(visit) == [*before, *(["cleared"] * len(codes))]


@asynccontextmanager
async def a_desk(server: Server) -> AsyncIterator[Desk]:
    """The demo company at six in the morning."""
    company = small("daylong", customers=120, days=6)
    org = await build_at(
        server.database, company, DAWN, password_hash=await hash_password(PASSWORD)
    )
    emails = {role: email for role, _, email in company.who.people}
    with living(DAWN) as hours:
        dana = await sign_in(server, emails["dispatcher"], company.who.slug, PASSWORD)
        leo = await sign_in(server, emails["owner"], company.who.slug, PASSWORD)
        hours.people += [dana, leo]
        day = DAWN.astimezone(ZONE).date().isoformat()
        desk = Desk(server, org, dana, leo, hours, day)
        async with showing(dana, desk.day) as hers, showing(leo, desk.day) as his:
            desk.boards = [*hers, *his]
            yield desk
        await dana.aclose()
        await leo.aclose()


@dataclass
class Call:
    """Somebody rings and has something done at their house."""

    customer: Any
    site: Any
    order: Any
    job_type: Any


async def rings(desk: Desk, nth: int, kind: str, **more: Any) -> Call:
    """A customer of the demo with a site, and a new work order of this kind."""
    kinds = (await desk.dana.got("/api/v2/job-types", limit=100))["data"]
    [job_type] = [one for one in kinds if one["name"] == kind]
    sites = (await desk.dana.got("/api/v2/sites", limit=60))["data"]
    [site, *_] = [one for one in sites if not one["access_hours"]][nth:]
    customer_id = site["parties"][0]["customer"]["id"]
    body = {
        "customer_id": customer_id,
        "site_id": site["id"],
        "job_type_id": job_type["id"],
        **more,
    }
    order = await desk.dana.made("/api/v2/work-orders", body)
    return Call(await desk.dana.got(f"/api/v2/customers/{customer_id}"), site, order, job_type)


async def sold(desk: Desk, call: Call, **how: Any) -> Any:
    """The best window of today is promised to whoever rings; the visit."""
    days = {"from": desk.day, "to": desk.day}
    found = await desk.dana.got("/api/v2/availability", work_order_id=call.order["id"], **days)
    assert found["slots"], found
    best = found["slots"][0]
    body = {
        "work_order_id": call.order["id"],
        "window_start": best["window_start"],
        "window_end": best["window_end"],
        "told_via": "phone",
        "told_to": call.customer["name"][:40],
        **how,
    }
    visit = await desk.dana.made("/api/v2/slots/book", body)
    await desk.same()
    return visit


async def test_a_day_is_sold_built_lived_and_closed(server: Server) -> None:
    async with a_desk(server) as desk:
        await desk.same()
        # the phone rings three times: two windows are promised, and who comes is decided later
        await desk.until(6, 30)
        calls = [await rings(desk, nth, "Drain cleaning") for nth in range(3)]
        first = await sold(desk, calls[0], assign=False)
        second = await sold(desk, calls[1], assign=False)
        third = await sold(desk, calls[2])
        assert [one["status"] for one in (first, second, third)] == [
            "unscheduled",
            "unscheduled",
            "scheduled",
        ]
        assert {first["id"], second["id"]} <= set(desk.boards[0].shown["unassigned"])

        # the shadows are assigned, each where it fits best
        for visit in (first, second):
            found = await desk.dana.got(
                "/api/v2/availability", visit_id=visit["id"], **{"from": desk.day, "to": desk.day}
            )
            [slot] = [
                one for one in found["slots"] if one["window_start"] == visit["promised_start"]
            ]
            people = [one["technician_id"] for one in slot["technicians"]]
            await desk.said("schedule", visit, technician_ids=people, start=slot["start"])
        assert not {first["id"], second["id"]} & set(desk.boards[0].shown["unassigned"])

        # the day is built by hand
        one, other, long = desk.ends()[-3:]
        later = datetime.fromisoformat(one["planned_start"]) + 15 * MINUTE
        before = desk.boards[0].picture
        await desk.said("move", one, start=later.isoformat())
        moved = desk.boards[0].picture
        await desk.last("undo")
        assert plans(desk.boards[0].picture) == plans(before)
        await desk.last("redo")
        assert plans(desk.boards[0].picture) == plans(moved)
        versions = {each["id"]: each["version"] for each in desk.boards[0].shown["visits"]}
        overruled = {"codes": ["skill_missing"], "reason": "they learn it together"}
        swap = {"with_id": other["id"], "with_version": versions[other["id"]]}
        await desk.said("swap", one, by=desk.leo, **swap, override=overruled)
        await desk.said("lock", long, lock="time")
        refused = await desk.dana.post(
            f"{VISITS}/{long['id']}/move",
            json={"start": later.isoformat()},
            headers={"If-Match": f'"v{await desk.version(long)}"'},
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "locked")
        await desk.said("unlock", long)
        await desk.said("split", long, minutes=long["duration_minutes"] // 2)

        # the other dispatcher is quicker: nothing is overwritten, and what they touched is not undone
        seen = await desk.version(third)
        await desk.said("lock", third, by=desk.leo, lock="both")
        stale = await desk.dana.post(
            f"{VISITS}/{third['id']}/unschedule", json={}, headers={"If-Match": f'"v{seen}"'}
        )
        assert (stale.status_code, stale.json()["current"]["lock"]) == (412, "both")
        await desk.said("unlock", third, by=desk.leo)

        # the day runs: each alert comes in its minute, and goes when it is cured
        early = desk.first_to_go()
        stop = desk.stop(early["id"])
        leave_by = minute_of(datetime.fromisoformat(stop["leave_by"]))
        await desk.comes(early, "late_to_leave", leave_by + 5 * MINUTE)
        await desk.said("en-route", early)
        assert (early["id"], "late_to_leave") not in await desk.alerts()
        await desk.until_moment(leave_by + 5 * MINUTE + stop["drive_minutes"] * MINUTE)
        await desk.said("arrive", early)
        await desk.said("start", early)
        begun = datetime.fromisoformat(desk.stop(early["id"])["start"])
        over = minute_of(begun + (early["duration_minutes"] + 5) * MINUTE)
        await desk.comes(early, "overrunning", over)
        following = desk.following(early["id"])
        await desk.said("extend", early, minutes=180)
        raised = await desk.alerts()
        assert (early["id"], "overrunning") not in raised
        assert (following["id"], "late_to_arrive") in raised
        # what would be late finds another time, and the customer is told
        days = {"from": desk.day, "to": (DAWN + 3 * DAY).date().isoformat()}
        found = await desk.dana.got("/api/v2/availability", visit_id=following["id"], **days)
        slot = found["soonest"]
        people = [one["technician_id"] for one in slot["technicians"]]
        await desk.said("schedule", following, technician_ids=people, start=slot["start"])
        assert await desk.to_tell(following) == "planned_outside"
        window = {name: slot[name] for name in ("window_start", "window_end")}
        await desk.said("promise", following, **window, told_via="phone", reason="we are late")
        assert await desk.to_tell(following) is None
        assert (following["id"], "late_to_arrive") not in await desk.alerts()

        # an emergency: whoever gives way is named before anybody is displaced
        victim = desk.ends()[-1]
        burst = await rings(desk, 5, "Drain cleaning", priority="emergency")
        visit = await desk.dana.made(VISITS, {"work_order_id": burst.order["id"]})
        insert = {
            "technician_ids": [victim["assigned"][0]["technician_id"]],
            "start": victim["planned_start"],
            "reason": "sewage in the cellar",
        }
        headers = {"If-Match": f'"v{visit["version"]}"'}
        path = f"{VISITS}/{visit['id']}/insert"
        refused = await desk.dana.post(path, json=insert, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "displaces")
        named = refused.json()["displaces"]
        assert [one["visit_id"] for one in named] == [victim["id"]]
        names = ("visit_id", "version", "becomes_start")
        accept = [{name: one[name] for name in names} for one in named]
        await desk.said("insert", visit, **insert, accept=accept)
        assert desk.cell(victim["id"])["planned_start"] > victim["planned_start"]

        # the day is closed from the list of what it leaves
        await desk.until(18, 30)
        left = await desk.dana.got("/api/v2/end-of-day", day=desk.day)
        assert early["id"] in {one["visit_id"] for one in left["not_closed_out"]["data"]}
        for one in left["not_closed_out"]["data"]:
            visit = {"id": one["visit_id"]}
            if one["status"] == "unscheduled":  # promised, and nobody came
                await desk.said("cancel", visit, look=False, reason="nobody came")
            else:
                await desk.said("complete", visit, by=desk.leo, look=False, **done(one))
        for one in left["no_next_visit"]["data"]:
            await desk.dana.made(VISITS, {"work_order_id": one["work_order_id"]})
        await desk.same()
        left = await desk.dana.got("/api/v2/end-of-day", day=desk.day)
        assert not left["not_closed_out"]["data"]
        assert not left["no_next_visit"]["data"]
        for one in left["unbilled"]["data"]:
            await desk.leo.made(f"/api/v2/work-orders/{one['work_order_id']}/invoices", {})
        left = await desk.dana.got("/api/v2/end-of-day", day=desk.day)
        assert [
            left[name]["total"] for name in ("not_closed_out", "no_next_visit", "unbilled")
        ] == [
            0,
            0,
            0,
        ]
        assert {one for one in await desk.alerts() if one[1] != "not_confirmed"} == set()
        await desk.same()
        assert all(one.patches > 20 for one in desk.boards)


def minute_of(moment: datetime) -> datetime:
    """The first whole minute that is not before it: the clock looks once a minute."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE


async def test_each_alert_comes_in_its_minute_and_goes_when_it_is_cured(
    acme: Company, server: Server
) -> None:
    with living(clock.now()) as hours:
        job = await a_job(acme)
        dana, leo = job.dana, await acme.person("owner")
        tess = await technician(acme)
        await shift(job, tess)
        first = await job.planned(tess)
        begins = job.nine + 75 * MINUTE
        window = {
            "window_start": begins.isoformat(),
            "window_end": (begins + 30 * MINUTE).isoformat(),
        }
        second = await job.planned(tess, at=begins, **window)
        await did(dana, second, "promise", **window, told_via="phone", reason="they rang")
        opens = job.nine + 3 * HOUR
        shadow = await job.visit(
            window_start=opens.isoformat(), window_end=(opens + HOUR).isoformat()
        )
        async with showing(dana, job.day) as hers, showing(leo, job.day) as his:
            desk = Desk(server, acme.id, dana, leo, hours, job.day, [*hers, *his])
            await desk.comes(second, "not_confirmed", begins - DAY)
            await desk.said("confirm", second, via="phone")
            await desk.goes(second, "not_confirmed")

            # nobody knows where the base is, so the drive is taken to be 20 minutes
            leave_by = job.nine - 20 * MINUTE
            await desk.comes(first, "late_to_leave", leave_by + 5 * MINUTE)
            await desk.comes(first, "late_to_arrive", leave_by + 10 * MINUTE)
            await desk.said("en-route", first)
            await desk.goes(first, "late_to_leave")
            await desk.until_moment(job.nine + 10 * MINUTE)
            await desk.said("arrive", first)
            await desk.goes(first, "late_to_arrive")
            await desk.said("start", first)
            over = datetime.fromisoformat(desk.stop(first["id"])["end"]) + 5 * MINUTE
            await desk.comes(first, "overrunning", over)

            # the next one is at the same house: it waits for nothing but the first
            await desk.comes(second, "late_to_leave", begins + 5 * MINUTE)
            await desk.comes(second, "late_to_arrive", begins + 10 * MINUTE)
            await desk.comes(second, "window_at_risk", begins + 31 * MINUTE)
            await desk.said("complete", first)
            await desk.goes(first, "overrunning")
            later = {**window, "window_end": (begins + 2 * HOUR).isoformat()}
            await desk.said("promise", second, **later, told_via="phone", reason="we are late")
            await desk.said("confirm", second, via="phone")  # which the other window was
            await desk.goes(second, "window_at_risk")
            await desk.said("en-route", second)
            await desk.said("arrive", second)
            await desk.goes(second, "late_to_leave", "late_to_arrive")
            await desk.said("start", second)
            await desk.said("complete", second)

            await desk.comes(shadow, "window_oversold", opens + HOUR)
            await desk.said("cancel", shadow, reason="they found another")
            await desk.goes(shadow, "window_oversold")
            assert await desk.alerts() == set()


def done(visit: Any) -> dict[str, str]:
    """What somebody fills in for a visit that nobody closed out: it went as planned."""
    start, end = visit["planned_start"], visit["planned_end"]
    if visit["status"] in ("scheduled", "dispatched"):
        times = {"arrived_at": start, "started_at": start, "finished_at": end}
    else:
        times = {"finished_at": clock.now().isoformat()}
    return {**times, "waived": "The paper came in with the truck."}


def plans(picture: dict[str, Any]) -> dict[str, Any]:
    """What a board says of plans, without the versions that an undo makes."""
    said = ("status", "planned_start", "planned_end", "lock", "assigned", "vehicle_ids", "crew_id")
    return {id: {name: one[name] for name in said} for id, one in picture["visits"].items()}
