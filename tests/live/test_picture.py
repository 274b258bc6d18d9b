"""What a client holds, built from events on top of one snapshot, is what the API shows: through moves,
cuts, slow readers and changes of roles, over two processes (issue 6, point 2)."""

import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.support.database import Database
from tests.support.deep import times
from tests.support.field import VISITS, Job, a_job, technician, verb
from tests.support.journal import numbered
from tests.support.live import living
from tests.support.people import Company, Person, found_company
from tests.support.picture import Picture, kept, snapshot
from tests.support.server import Server


@pytest_asyncio.fixture(scope="module")
async def other(database: Database, server: Server) -> AsyncIterator[Server]:
    """Another process on the same database."""
    async with living(database) as running:
        yield running


async def head(database: Database, company: Company) -> int:
    """The last number, once every entry has one."""
    await numbered(database, company.id)
    admin = await asyncpg.connect(database.admin)
    found = await admin.fetchval(
        "select coalesce(max(seq), 0) from system.journal_numbers where org_id = $1", company.id
    )
    await admin.close()
    return int(found)


async def agree(database: Database, company: Company, *pictures: Picture) -> None:
    """Once they have heard everything, all hold what the API shows."""
    seq = await head(database, company)
    for picture in pictures:
        await picture.up_to(seq)
        shown = await snapshot(picture.person, picture.day)
        assert picture.records == shown, picture.told_of(set(picture.records) ^ set(shown))


@dataclass
class Story:
    """Random work of a company, and everything a technician was ever given."""

    job: Job
    technicians: dict[str, str]
    """Whose technician each is, by person's name."""
    luck: random.Random
    visits: list[str] = field(default_factory=list)
    given: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def step(self) -> None:
        """Something happens; what is refused did not."""
        act = self.luck.choices(
            (self.create, self.schedule, self.unschedule, self.cancel, self.delete, self.dispatch),
            (3, 8, 3, 1, 1, 2),
        )[0]
        if not self.visits:
            act = self.create
        await act()
        self.done[act.__name__] += 1

    async def create(self) -> None:
        self.visits.append((await self.job.visit(promised=False))["id"])

    async def schedule(self) -> None:
        visit = await self._some()
        names = self.luck.sample(sorted(self.technicians), self.luck.choice((1, 1, 2)))
        start = self.job.nine + timedelta(
            days=self.luck.choice((0, 0, 1)), hours=self.luck.randrange(8)
        )
        ids = [self.technicians[name] for name in names]
        reply = await self.job.schedule(visit, *ids, start=start)
        if reply.status_code == 200:
            for name in names:
                self.given[name].add(visit["id"])

    async def unschedule(self) -> None:
        await verb(self.job.dana, await self._some(), "unschedule")

    async def cancel(self) -> None:
        await verb(self.job.dana, await self._some(), "cancel", reason="Sold the house")

    async def dispatch(self) -> None:
        await verb(self.job.dana, await self._some(), "dispatch")

    async def delete(self) -> None:
        visit = await self._some()
        reply = await self.job.dana.delete(
            f"{VISITS}/{visit['id']}", headers={"If-Match": f'"v{visit["version"]}"'}
        )
        if reply.status_code < 300:
            self.visits.remove(visit["id"])

    async def _some(self) -> Any:
        return await self.job.dana.got(f"{VISITS}/{self.luck.choice(self.visits)}")


async def becomes(company: Company, person: Person, role: str) -> None:
    owner = await company.person("owner")
    path = f"/api/v2/memberships/{person.user_id}"
    await owner.patched(path, (await owner.got(path))["version"], {"role": role})


@pytest.mark.parametrize("seed", range(times(1, deep=25)))
async def test_whatever_happens_a_picture_is_what_the_api_shows(
    database: Database, server: Server, other: Server, seed: int
) -> None:
    luck = random.Random(seed)
    company = await found_company(server, f"luck-{seed}")
    rival = await found_company(server, f"rival-{seed}")
    job, theirs = await a_job(company), await a_job(rival)
    day = job.nine.date()
    people = [
        await company.person("technician", "tom"),
        await company.person("technician", "tia"),
        await company.person("viewer", "vic"),
        await company.person("dispatcher", "dora"),
    ]
    crew = {one: await technician(company, one, who=company.people[one]) for one in ("tom", "tia")}
    story = Story(job, crew | {"una": await technician(company, "Una")}, luck)
    urls = [server.url, other.url]
    async with AsyncExitStack() as stack:
        pictures = [
            await stack.enter_async_context(kept(one, day, *luck.sample(urls, 2))) for one in people
        ]
        tom, tia = pictures[0], pictures[1]
        promoted = False
        for number in range(times(24, deep=60)):
            await story.step()
            if luck.random() < 0.2:
                await theirs.visit()
            if luck.random() < 0.3:
                picture = luck.choice(pictures)
                await picture.live.cut()
            if luck.random() < 0.3:
                luck.choice(pictures).reading.clear()
            if number in (8, 17):
                promoted = not promoted
                await becomes(company, tia.person, "dispatcher" if promoted else "technician")
            if luck.random() < 0.3:
                for picture in pictures:
                    picture.reading.set()
                await agree(database, company, *pictures)
        for picture in pictures:
            picture.reading.set()
        await agree(database, company, *pictures)
    assert {one["id"] for one in tom.heard if one["entity"] == "visit"} <= story.given["tom"]
    heard = {one["id"] for picture in pictures for one in picture.heard if one["entity"] == "visit"}
    admin = await asyncpg.connect(database.admin)
    ours = await admin.fetch("select id from visits where org_id = $1", company.id)
    await admin.close()
    assert heard <= {str(row["id"]) for row in ours}
    assert tom.records.keys() <= story.given["tom"]
    assert min(story.done[one] for one in ("create", "schedule")) > 2
    await company.close()
    await rival.close()
