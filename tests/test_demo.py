"""The demo as a visitor meets it: two companies, built at a known moment, seen through the API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio

from app.config import Environment, Settings
from app.core import clock
from app.demo import demo_of
from app.documents.pictures import refusal
from app.installation import Installation
from app.process import DemoSignIn
from tests.support.database import Database
from tests.support.people import Person, sign_in
from tests.support.server import Server

NOON = datetime(2031, 5, 14, 17, 40, tzinfo=UTC)
"""A Wednesday, 12:40 in Lawrence and 11:40 in Longmont."""
PASSWORD = "a demo passphrase"


def installation_on(database: Database) -> Installation:
    return Installation(
        Settings(environment=Environment.local, data=Path(".data")),
        app_url=database.app,
        owner_url=database.owner,
        relay_url=database.relay,
        secret_key="test",
        demo_password=PASSWORD,
        embedded=False,
    )


@dataclass
class Demo:
    server: Server
    sign_ins: list[DemoSignIn]
    people: dict[tuple[str, str], Person] = field(default_factory=dict)

    async def person(self, org: str, role: str) -> Person:
        """One of the demo's people, signed in."""
        [who] = [one for one in self.sign_ins if (one.org, one.role) == (org, role)]
        return await self.somebody(org, who.email)

    async def somebody(self, org: str, email: str) -> Person:
        """Anybody of the demo, signed in."""
        if (org, email) not in self.people:
            self.people[org, email] = await sign_in(self.server, email, org, PASSWORD)
        return self.people[org, email]


@pytest_asyncio.fixture(scope="module")
async def demo(server: Server) -> AsyncIterator[Demo]:
    """Both companies, built once for all the tests here."""
    with clock.set_to(NOON):
        sign_ins = await demo_of(installation_on(server.database), make=True)
    made = Demo(server, sign_ins)
    yield made
    for person in made.people.values():
        await person.aclose()


async def everything(person: Person, path: str, **params: str) -> list[dict]:
    """All pages of a list."""
    found, cursor = [], None
    while True:
        page = await person.got(path, limit=200, **params, **({"cursor": cursor} if cursor else {}))
        found += page["data"]
        if (cursor := page["next_cursor"]) is None:
            return found


async def test_the_papers_of_both_companies_are_in_order(demo: Demo) -> None:
    from app.demo.companies import ALL

    assert [refusal(company.logo) for company in ALL] == [None, None]


async def test_the_small_company_s_owner_belongs_to_both(demo: Demo) -> None:
    walt = await demo.somebody("prairie-drain", "walt@prairiedrain.example.com")
    also = await demo.somebody("bluestem", "walt@prairiedrain.example.com")
    here, there = await walt.got("/api/v2/me"), await also.got("/api/v2/me")
    assert here["user"]["id"] == there["user"]["id"]
    assert (here["org"]["slug"], there["org"]["slug"]) == ("prairie-drain", "bluestem")
    assert "organisation:write" in here["permissions"]


async def test_sites_stand_in_their_towns(demo: Demo) -> None:
    dana = await demo.person("bluestem", "dispatcher")
    sites = await everything(dana, "/api/v2/sites")
    assert len(sites) > 250
