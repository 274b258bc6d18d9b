"""What a client holds, built from events on top of one snapshot, is what the API shows: through moves,
cuts, slow readers, changes of roles and of teams, over two processes (issue 6, point 2)."""

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

from app.models.permissions import Permission
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
    teams: list[str]
    """Of which the first one has a lead who looks."""
    visits: list[str] = field(default_factory=list)
    given: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    done: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def step(self) -> None:
        """Something happens; what is refused did not."""
        act = self.luck.choices(
            (
                self.create,
                self.schedule,
                self.unschedule,
                self.cancel,
                self.delete,
                self.dispatch,
                self.team,
            ),
            (3, 8, 3, 1, 1, 2, 2),
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

    async def team(self) -> None:
        """A technician is taken from the lead, or given back."""
        owner = await self.job.company.person("owner")
        path = f"/api/v2/technicians/{self.technicians['una']}"
        now = await owner.got(path)
        others = [one for one in (*self.teams, None) if one != now["team_id"]]
        await owner.patched(path, now["version"], {"team_id": self.luck.choice(others)})

    async def _some(self) -> Any:
        return await self.job.dana.got(f"{VISITS}/{self.luck.choice(self.visits)}")


async def becomes(company: Company, person: Person, role: str) -> None:
    owner = await company.person("owner")
    path = f"/api/v2/memberships/{person.user_id}"
    await owner.patched(path, (await owner.got(path))["version"], {"role": role})


READS = sorted(one for one in Permission if one.endswith(":read"))
LACKS = [f"{one}:read" for one in ("visits", "work-orders", "technicians", "sites", "time-off")]
"""What somebody may lack who looks at a board: of the first three it tells."""


async def a_role(company: Company, name: str, lacks: str, scope: str = "all") -> dict[str, Any]:
    """A role that reads everything but this."""
    owner = await company.person("owner")
    able = sorted(set(READS) - {lacks})
    draft = {"name": name, "level": 5, "record_scope": scope, "permissions": able}
    made: dict[str, Any] = await owner.made("/api/v2/roles", draft)
    return made


async def may_again(company: Company, role: dict[str, Any], *, lacks: str) -> None:
    """The role reads everything but this from now on."""
    owner = await company.person("owner")
    path = f"/api/v2/roles/{role['id']}"
    able = sorted(set(READS) - {lacks})
    await owner.patched(path, (await owner.got(path))["version"], {"permissions": able})


@pytest.mark.parametrize("seed", range(times(1, deep=25)))
async def test_whatever_happens_a_picture_is_what_the_api_shows(
    database: Database, server: Server, other: Server, seed: int
) -> None:
    luck = random.Random(seed)
    company = await found_company(server, f"luck-{seed}")
    rival = await found_company(server, f"rival-{seed}")
    job, theirs = await a_job(company), await a_job(rival)
    day = job.nine.date()
    owner = await company.person("owner")
    teams = [(await owner.made("/api/v2/teams", {"name": one}))["id"] for one in ("One", "Two")]
    missing, sometimes = luck.choice(LACKS), luck.choice(LACKS)
    await a_role(company, "Lead", "", "team")
    await a_role(company, "All but one", missing)
    taken = await a_role(company, "Now and then", sometimes)
    roles = {
        "tom": "technician",
        "tia": "technician",
        "lea": "Lead",
        "pat": "All but one",
        "quin": "Now and then",
        "dora": "dispatcher",
    }
    people = {name: await company.person(role, name) for name, role in roles.items()}
    lead = await owner.patch(
        f"/api/v2/memberships/{people['lea'].user_id}", json={"team_id": teams[0]}
    )
    assert lead.status_code == 200, lead.text
    await people["lea"].again()
    crew = {one: await technician(company, one, who=people[one]) for one in ("tom", "tia")}
    story = Story(job, crew | {"una": await technician(company, "Una")}, luck, teams)
    urls = [server.url, other.url]
    looked = 0
    async with AsyncExitStack() as stack:
        kept_by = {
            name: await stack.enter_async_context(kept(one, day, *luck.sample(urls, 2)))
            for name, one in people.items()
        }
        pictures = list(kept_by.values())
        for number in range(times(20, deep=60)):
            await story.step()
            if luck.random() < 0.2:
                await theirs.visit()
            if luck.random() < 0.3:
                await luck.choice(pictures).live.cut()
            if luck.random() < 0.3:
                luck.choice(pictures).reading.clear()
            if number in (8, 17):
                role = {8: "dispatcher", 17: "technician"}[number]
                await becomes(company, people["tia"], role)
            if number in (6, 15):
                await may_again(company, taken, lacks={6: "", 15: sometimes}[number])
            if luck.random() < 0.3:
                for picture in pictures:
                    picture.reading.set()
                await agree(database, company, *pictures)
                looked += len(pictures)
        for picture in pictures:
            picture.reading.set()
        await agree(database, company, *pictures)
        looked += len(pictures)
    told = {
        name: {one["id"] for one in picture.heard if one["entity"] == "visit"}
        for name, picture in kept_by.items()
    }
    assert told["tom"] <= story.given["tom"]
    assert told["lea"] <= story.given["una"]
    kinds = server.state.hub.kinds
    assert missing not in {kinds[one["entity"]][1] for one in kept_by["pat"].heard}
    admin = await asyncpg.connect(database.admin)
    ours = await admin.fetch("select id from visits where org_id = $1", company.id)
    await admin.close()
    assert set().union(*told.values()) <= {str(row["id"]) for row in ours}
    assert kept_by["tom"].records.keys() <= story.given["tom"]
    assert min(story.done[one] for one in ("create", "schedule")) > 2
    print(
        f"seed {seed}: {sum(story.done.values())} acts {dict(story.done)}, lacking {missing} and now and"
        f" then {sometimes}, {sum(len(one.heard) for one in pictures)} events, {looked} pictures compared"
        " with the API, 0 differ"
    )
    await company.close()
    await rival.close()
