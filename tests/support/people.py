"""Signed-in people: `dana = await company.person("dispatcher")`, then `await dana.post(…)`."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select

from app.core.identity_db import open_identity
from app.models.identity import User
from app.services.identity import second_factor
from app.services.identity.organisations import NewOrganisation, add_person, create_organisation
from tests.support.server import Server

PASSWORD = "a long enough passphrase"


class Person(httpx2.AsyncClient):
    """An HTTP client signed in as somebody."""

    user_id: UUID
    email: str
    org: str
    tokens: dict[str, Any]

    async def made(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> Any:
        """POST that must succeed; its JSON."""
        reply = await self.post(path, json=body, **options)
        assert reply.status_code < 300, (path, reply.status_code, reply.text)
        return reply.json() if reply.content else None

    async def got(self, path: str, **params: Any) -> Any:
        """GET that must succeed; its JSON."""
        reply = await self.get(path, params=params)
        assert reply.status_code == 200, (path, reply.status_code, reply.text)
        return reply.json()

    async def again(self) -> None:
        """Refresh the session, as a client does when its permissions are stale."""
        body = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = await self.made("/api/v2/auth/refresh", body)
        self.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    async def patched(self, path: str, version: int, body: dict[str, Any]) -> Any:
        """PATCH with the version seen; its JSON."""
        reply = await self.patch(path, json=body, headers={"If-Match": f'"v{version}"'})
        assert reply.status_code == 200, (path, reply.status_code, reply.text)
        return reply.json()


@dataclass
class Company:
    """An organisation of a test, with its people as they are asked for."""

    server: Server
    id: UUID
    slug: str
    people: dict[str, Person] = field(default_factory=dict)

    async def person(self, role: str, name: str | None = None) -> Person:
        """Somebody with `role`, signed in; the same one for the same name."""
        name = name or role
        if name not in self.people:
            email = f"{name.replace(' ', '.').lower()}@{self.slug}.example.com"
            await self.add(email, name.title(), role)
            self.people[name] = await sign_in(self.server, email, self.slug)
        return self.people[name]

    async def add(self, email: str, name: str, role: str) -> None:
        """Put a person into the organisation without signing in."""
        from app.core.db import Scope

        async with self.server.state.sessions.open(Scope(self.id)) as session:
            await add_person(session, email=email, name=name, role=role, password=PASSWORD)
            await session.commit()

    async def close(self) -> None:
        for person in self.people.values():
            await person.aclose()


async def sign_in(server: Server, email: str, org: str, password: str = PASSWORD) -> Person:
    """A client with the access token of `email` in `org`."""
    person = Person(base_url=server.url, timeout=30)
    reply = await person.post(
        "/api/v2/auth/login", json={"email": email, "password": password, "org": org}
    )
    assert reply.status_code == 200, reply.text
    return _come_in(person, reply.json(), org)


async def sign_in_in_two_steps(server: Server, email: str, org: str) -> Person:
    """As `sign_in`, of somebody who has a second factor after this, and codes for this one time."""
    async with open_identity(server.state.sessions) as session:
        user = await session.scalar(select(User).where(User.email == email))
        assert user is not None
        codes = await second_factor.set_up(session, user.id, second_factor.new_secret(), 0)
        await session.commit()
    person = Person(base_url=server.url, timeout=30)
    half = await person.post(
        "/api/v2/auth/login", json={"email": email, "password": PASSWORD, "org": org}
    )
    assert half.json()["code"] == "mfa_required", half.text
    body = {"mfa_token": half.json()["mfa_token"], "code": codes[0]}
    return _come_in(person, await person.made("/api/v2/auth/mfa/verify", body), org)


def _come_in(person: Person, tokens: Any, org: str) -> Person:
    person.tokens = tokens
    person.user_id = UUID(tokens["user"]["id"])
    person.email, person.org = tokens["user"]["email"], org
    person.cookies.clear()
    person.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return person


async def found_company(server: Server, slug: str, zone: str = "America/Chicago") -> Company:
    """A new organisation."""
    async with server.state.sessions.open() as session:
        org_id = await create_organisation(session, NewOrganisation(slug.title(), slug, zone))
        await session.commit()
    return Company(server, org_id, slug)
