"""Random boards in the database, made by the API: companies of one to six people, and days of theirs that
something stands on.

What is always true: each board is a day of its own, so that what one holds is in no other's way but where it
reaches over midnight, as it may.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.core.ids import new_id
from tests.support.field import PHOENIX, VISITS, Job, a_job, skill
from tests.support.people import Company

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY = 24 * HOUR
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = (("08:00", "17:00"), ("07:00", "15:00"), ("10:00", "19:00"), ("09:00", "13:00"))
NIGHT = ("21:00", "06:00")
NOON = {"start": "12:00", "minutes": 30}
FLOATING = {"earliest": "11:00", "latest": "13:30", "minutes": 45}
CODES = ("85001", "85003")
"""Postal codes, of a territory each."""


@dataclass
class Drawn:
    """A company whose days are boards."""

    job: Job
    pick: Random
    people: list[str] = field(default_factory=list)
    sites: list[Any] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    day: datetime = field(init=False)
    """Midnight of the board that is drawn at present."""

    def __post_init__(self) -> None:
        self.day = self.job.nine - 9 * HOUR

    @property
    def said(self) -> str:
        """The day, `2026-11-23`."""
        return self.day.astimezone(PHOENIX).date().isoformat()

    def at(self, hours: float) -> datetime:
        """So many hours after midnight."""
        return self.day + hours * HOUR

    def some(self, most: int = 2) -> list[str]:
        return self.pick.sample(self.people, min(len(self.people), self.pick.randint(1, most)))

    async def order(self, **more: Any) -> Any:
        """Work of some kind, somewhere."""
        urgent = self.pick.random() < 0.15
        return await self.job.work.order(
            site_id=self.pick.choice(self.sites)["id"],
            job_type_id=self.pick.choice(self.kinds),
            priority="emergency" if urgent else "normal",
            **more,
        )

    async def visit(self, **more: Any) -> Any:
        order = await self.order()
        return await self.job.dana.made(VISITS, {"work_order_id": order["id"], **more})


async def a_company(desk: Company, pick: Random) -> Drawn:
    """People with hours, breaks, skills and territories of their own, and places to go."""
    owner = await desk.person("owner")
    settings = await owner.got("/api/v2/organisation")
    base = {"base_latitude": 33.45, "base_longitude": -112.07} if pick.random() < 0.7 else {}
    await owner.patched(
        "/api/v2/organisation", settings["version"], {"time_zone": "America/Phoenix", **base}
    )
    drawn = Drawn(await a_job(desk), pick)
    areas = [await _territory(owner, code) for code in CODES] if pick.random() < 0.6 else []
    skills = [await skill(desk, name) for name in ("Gas", "Septic")]
    for number in range(pick.randint(1, 6)):
        drawn.people.append(await _somebody(desk, drawn, f"Number {number}", skills, areas))
    for number in range(3):
        drawn.sites.append(await _site(drawn, number))
    for name, minutes in (("Look", 30), ("Pump", 60), ("Mend", 105)):
        drawn.kinds.append(await _kind(desk, drawn, name, minutes, skills))
    await _reserves(desk, pick)
    return drawn


async def _territory(owner: Any, code: str) -> str:
    made = await owner.made(
        "/api/v2/territories", {"name": f"Around {code}", "postal_codes": [code]}
    )
    return str(made["id"])


async def _somebody(
    desk: Company, drawn: Drawn, name: str, skills: list[str], areas: list[str]
) -> str:
    pick, owner = drawn.pick, await desk.person("owner")
    body: dict[str, Any] = {"name": name, "time_zone": "America/Phoenix"}
    held = pick.sample(skills, pick.randint(0, 2))
    body["skills"] = [{"skill_id": one, "level": pick.randint(1, 3)} for one in held]
    if pick.random() < 0.3:
        body |= {"base_latitude": 33.3 + pick.random() * 0.4, "base_longitude": -112.1}
    if areas and pick.random() < 0.5:
        who = await desk.person("technician", name)
        body["member_id"] = str(who.user_id)
        path = f"/api/v2/memberships/{who.user_id}"
        version = (await owner.got(path))["version"]
        await owner.patched(path, version, {"territory_ids": [pick.choice(areas)]})
    made = await owner.made("/api/v2/technicians", body)
    start, end = NIGHT if pick.random() < 0.1 else pick.choice(HOURS)
    breaks = pick.choice(([], [], [NOON], [FLOATING], [FLOATING, NOON | {"start": "15:00"}]))
    if (start, end) == NIGHT:
        breaks = []
    spans = [
        {"weekday": one, "start": start, "end": end, "breaks": breaks}
        for one in pick.sample(WEEK, pick.choice((5, 7, 7)))
    ]
    shift = {"name": "Hours", "valid_from": "2026-01-01", "spans": spans}
    more = {"technician_id": made["id"], "overtime_minutes": pick.choice((0, 60))}
    await drawn.job.dana.made("/api/v2/shifts", {**shift, **more})
    return str(made["id"])


async def _site(drawn: Drawn, number: int) -> Any:
    pick = drawn.pick
    body: dict[str, Any] = {
        "customer_id": drawn.job.work.customer["id"],
        "street": f"{number + 1} Elm St",
        "postal_code": pick.choice(CODES),
        "time_zone": "America/Phoenix",
    }
    if pick.random() < 0.8:
        body |= {"latitude": 33.3 + pick.random() * 0.4, "longitude": -112.3 + pick.random() * 0.4}
    if pick.random() < 0.25:
        body["access_hours"] = [
            {"weekday": one, "opens": "09:00", "closes": "15:00"} for one in WEEK
        ]
    return await drawn.job.dana.made("/api/v2/sites", body)


async def _kind(desk: Company, drawn: Drawn, name: str, minutes: int, skills: list[str]) -> str:
    pick, owner = drawn.pick, await desk.person("owner")
    needs = [{"skill_id": pick.choice(skills), "level": pick.randint(1, 2)}]
    made = await owner.made(
        "/api/v2/job-types",
        {
            "name": f"{name} {new_id()}",
            "trade": pick.choice(("septic", "plumbing")),
            "duration_minutes": minutes,
            "crew_size": pick.choice((1, 1, 1, 2)) if len(drawn.people) > 1 else 1,
            "skills": needs if pick.random() < 0.35 else [],
        },
    )
    return str(made["id"])


async def _reserves(desk: Company, pick: Random) -> None:
    owner, path = await desk.person("owner"), "/api/v2/capacity/reserves"
    kept = pick.choice(
        (
            [],
            [{"percent": 30, "priority": "emergency", "release_hours": 4}],
            [{"minutes": 45, "channel": "portal"}],
            None,
        )
    )
    seen = await owner.got(path)
    reply = await owner.put(
        path, json={"reserves": kept}, headers={"If-Match": f'"v{seen["version"]}"'}
    )
    assert reply.status_code == 200, reply.text


async def a_board(drawn: Drawn) -> None:
    """Draw the next day: time off, meetings, visits, promises without anybody, holds."""
    drawn.day += DAY
    pick, dana = drawn.pick, drawn.job.dana
    if pick.random() < 0.25:
        await _off(drawn)
    if pick.random() < 0.3:
        begins = drawn.at(pick.randrange(8, 16))
        place = {"latitude": 33.5, "longitude": -112.0} if pick.random() < 0.4 else {}
        times = {"starts_at": begins.isoformat(), "ends_at": (begins + HOUR).isoformat()}
        met = {"title": "Training", **times, "technician_ids": drawn.some(), **place}
        reply = await dana.post("/api/v2/events", json=met)
        assert reply.status_code in (200, 201, 409), reply.text
    for _ in range(pick.randint(0, 2 + 2 * len(drawn.people))):
        await _something(drawn)
    for _ in range(pick.choice((0, 0, 1, 2))):
        await _held(drawn)


async def _off(drawn: Drawn) -> None:
    pick, dana = drawn.pick, drawn.job.dana
    hours = {"start_time": "08:00", "end_time": "12:00"} if pick.random() < 0.5 else {}
    who = {"technician_id": pick.choice(drawn.people), "kind": "vacation"}
    asked = await dana.made("/api/v2/time-off", {**who, "first_day": drawn.said, **hours})
    if pick.random() < 0.8:
        reply = await dana.post(f"/api/v2/time-off/{asked['id']}/approve", json={})
        assert reply.status_code in (200, 409), reply.text


async def _something(drawn: Drawn) -> None:
    """A visit in somebody's day, if they have room, or over midnight, or for days; or a promise."""
    pick = drawn.pick
    start = drawn.at(pick.randrange(14, 38) / 2)
    what = pick.random()
    if what < 0.15:
        window = {"window_start": start.isoformat(), "window_end": (start + 2 * HOUR).isoformat()}
        await drawn.visit(**window)
        return
    more = {}
    if what < 0.25:  # over midnight, from the evening before or into the night
        start = drawn.at(pick.choice((-3, 22)) + pick.random())
        start = start.replace(second=0, microsecond=0)
        more["end"] = (start + pick.randrange(120, 600, 15) * MINUTE).isoformat()
    elif what < 0.3:  # for days
        start = drawn.at(pick.randrange(-30, 20))
        more["end"] = (start + pick.randrange(20, 60) * HOUR).isoformat()
    made = await drawn.visit(duration_minutes=pick.choice((30, 45, 60, 90)))
    reply = await drawn.job.schedule(made, *drawn.some(), start=start, **more)
    assert reply.status_code in (200, 409), reply.text


async def _held(drawn: Drawn) -> None:
    """A window that is offered is held, or promised without anybody, if there is one."""
    order, dana = await drawn.order(), drawn.job.dana
    days = {"from": drawn.said, "to": drawn.said}
    slots = (await dana.got("/api/v2/availability", work_order_id=order["id"], **days))["slots"]
    if not slots:
        return
    one = drawn.pick.choice(slots)
    window = {name: one[name] for name in ("window_start", "window_end")}
    if drawn.pick.random() < 0.6:
        path, more = "/api/v2/holds", {"minutes": 60}
    else:
        path, more = "/api/v2/slots/book", {"assign": False}
    reply = await dana.post(path, json={"work_order_id": order["id"], **window, **more})
    # a promise is counted from the beginning of its window, where there may be no room
    assert reply.status_code in (200, 201) or reply.json()["code"] == "slot_gone", reply.text
