"""People and visits of the field: `tess = await technician(acme)`, `job = await Job.made(acme)`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from app.core import clock, wall
from tests.support.people import Company, Person
from tests.support.work import Work, some_work

VISITS = "/api/v2/visits"
PHOENIX = ZoneInfo("America/Phoenix")


@dataclass
class Job:
    """A dispatcher with work to plan at a site in Phoenix."""

    company: Company
    dana: Person
    work: Work
    nine: datetime = field(init=False)
    """Nine o'clock at the site, the day after tomorrow."""

    def __post_init__(self) -> None:
        day = clock.now().astimezone(PHOENIX) + timedelta(days=2)
        self.nine = day.replace(hour=9, minute=0, second=0, microsecond=0).astimezone(UTC)

    @property
    def day(self) -> str:
        """The day of `nine`, `2026-11-23`."""
        return self.nine.astimezone(PHOENIX).date().isoformat()

    @property
    def said(self) -> str:
        """The day of `nine`, “Mon 23 Nov”."""
        return wall.spoken_day(self.nine.astimezone(PHOENIX).date())

    async def visit(self, **more: Any) -> Any:
        """A visit, of a work order of its own unless one is named."""
        if "work_order_id" not in more:
            more["work_order_id"] = (await self.work.order())["id"]
        return await self.dana.made(VISITS, more)

    async def planned(self, *technicians: str, at: datetime | None = None, **more: Any) -> Any:
        """A visit that is scheduled with these technicians."""
        made = await self.visit(**more)
        reply = await self.schedule(made, *technicians, start=at or self.nine)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def schedule(self, visit: Any, *technicians: str, start: datetime, **more: Any) -> Any:
        """The reply to planning a visit."""
        return await self.dana.post(
            f"{VISITS}/{visit['id']}/schedule",
            json={"technician_ids": list(technicians), "start": start.isoformat(), **more},
            headers={"If-Match": f'"v{visit["version"]}"'},
        )


async def a_job(company: Company, **more: Any) -> Job:
    """Work for the company's dispatcher."""
    dana = await company.person("dispatcher")
    return Job(company, dana, await some_work(company, dana, **more))


async def verb(person: Person, visit: Any, name: str, **body: Any) -> Any:
    """The reply to a verb on a visit."""
    headers = {"If-Match": f'"v{visit["version"]}"'} if "version" in visit else {}
    return await person.post(f"{VISITS}/{visit['id']}/{name}", json=body, headers=headers)


async def did(person: Person, visit: Any, name: str, **body: Any) -> Any:
    """A verb that must succeed, on the visit as it is now; the visit after it."""
    now = {"id": visit["id"], "version": (await person.got(f"{VISITS}/{visit['id']}"))["version"]}
    reply = await verb(person, now, name, **body)
    assert reply.status_code == 200, (name, reply.status_code, reply.text)
    return reply.json()


async def facts(person: Person, path: str) -> list[str]:
    """The facts of a record's story, oldest first."""
    return [one["fact"] for one in await story(person, path)]


async def story(person: Person, path: str) -> list[Any]:
    """A record's story, oldest first."""
    told: list[Any] = (await person.got(f"{path}/timeline", limit=200))["data"]
    return told[::-1]


async def technician(
    company: Company,
    name: str = "Tess Ode",
    *,
    who: Person | None = None,
    skills: tuple[dict[str, Any], ...] = (),
) -> str:
    """A technician, who is the member `who` when one is given; the id."""
    owner = await company.person("owner")
    made = await owner.made(
        "/api/v2/technicians",
        {
            "name": name,
            "member_id": str(who.user_id) if who else None,
            "skills": list(skills),
        },
    )
    return str(made["id"])


async def skill(company: Company, name: str) -> str:
    """A skill; its id."""
    owner = await company.person("owner")
    return str((await owner.made("/api/v2/skills", {"name": f"{name} {uuid4()}"}))["id"])


async def needs(company: Company, job: Job, *skills: dict[str, Any]) -> None:
    """The job's type needs these skills."""
    owner = await company.person("owner")
    path = f"/api/v2/job-types/{job.work.job_type_id}"
    version = (await owner.got(path))["version"]
    await owner.patched(path, version, {"skills": list(skills)})


async def booked_with(company: Company, order: Any, who: Person, *, name: str = "Tess") -> Any:
    """A visit of the work order, tomorrow, with the technician who signs in as `who`."""
    dana = await company.person("dispatcher")
    on_it = await technician(company, name, who=who)
    made = await dana.made(VISITS, {"work_order_id": order["id"]})
    start = (clock.now() + timedelta(days=1)).isoformat()
    return await did(dana, made, "schedule", technician_ids=[on_it], start=start)
