"""A world: an organisation with one of everything, made through the doors people use.

Creation routes are found in the OpenAPI document and their bodies filled from its schemas, so a new
route takes part by itself. What a schema cannot say (a real postal code, an invoice that must be
issued before it is paid) stands in the short tables here; a route that cannot be filled fails with
a sentence that names the table to add a line to. Every text carries the world's mark.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Scope
from app.core.roads import Band
from app.integrations.outbox import OutboxPost, newest
from app.models.alerts import AlertClock, RaisedAlert
from app.models.customers import Customer
from app.models.geofence_events import Crossed, GeofenceEvent
from app.models.imports import ImportKind
from app.models.lookups import Geocode, SiteLookup
from app.models.permissions import Permission
from app.models.positions import Look, Ping, Position, PositionLook
from app.models.travel_times import TravelTime
from app.services import bulk, jobs, leaving, mails, samples
from app.services.context import Ctx
from app.services.identity.organisations import add_person
from app.services.identity.support import appoint
from app.services.imports import ImportDraft
from app.services.tracking.keeping import open_days
from app.tasks.importing import import_file
from tests.support import exports
from tests.support.people import (
    PASSWORD,
    Company,
    Person,
    found_company,
    sign_in,
    sign_in_in_two_steps,
)
from tests.support.pictures import make_png
from tests.support.routes import Route, plain, routes
from tests.support.server import Server

HERE = "tests/support/world.py"
SOON = clock.now().replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=3)
"""An hour at which people work in Phoenix, where the sites of a world are."""

FIELDS: dict[str, Any] = {
    "amount": 1000,
    "color": "#336699",
    "country": "US",
    "currency": "USD",
    "duration_minutes": 60,
    "email": "somebody@example.com",
    "kind": None,
    "org": "nobody",
    "phone": "+12025550142",
    "postal_code": "85001",
    "q": "name",
    "second_phone": "+12025550143",
    "time_zone": "America/Chicago",
}
"""Fields whose schema does not say what is possible: their values by name (None: as the schema)."""

ALIASES = {
    "author": "membership",
    "asked_by": "membership",
    "ids": "customer",
    "owner": "membership",
    "view": "saved_view",
    "invited_by": "membership",
    "entity": "customer",
    "about": "customer",
    "lead": "technician",
    "looker": "membership",
    "leader": "membership",
    "item": "checklist_item",
    "row": "import_row",
    "member": "membership",
    "org": "organisation",
    "subject": "customer",
    "parent": "customer",
    "into": "tag",
    "journal": "journal_entry",
    "with": "visit",
    "follows": "visit",
    "call_back_of": "work_order",
}
"""What an id is called where that is not the resource's own name."""


def _a_free_hour(world: "World") -> str:
    """No two visits of a world are planned at the same time."""
    world.hours += 2
    return (SOON + timedelta(hours=world.hours)).isoformat()


def _another_size(world: "World") -> int:
    """No two writers set the same."""
    world.sizes += 1
    return world.sizes % 25 + 1


def _a_new_address(world: "World") -> str:
    """Nobody is invited twice."""
    return f"{world.text('invited').replace(' ', '.').lower()}@example.com"


def _an_hour_later(world: "World") -> str:
    """After the free hour that was given last."""
    return (SOON + timedelta(hours=world.hours + 1)).isoformat()


def a_monday(world: "World") -> date:
    """A week for each that works on several days, after all that takes hours."""
    world.weeks += 1
    start = SOON.date() + timedelta(weeks=20 + world.weeks)
    return start - timedelta(days=start.weekday())


FAR = timedelta(days=140)
"""Free days begin so long after free hours that the two never meet."""


def _a_free_day(world: "World") -> str:
    """On which nobody has anything to do yet."""
    world.days += 1
    return (SOON + FAR + timedelta(days=world.days)).isoformat()


def _hours_later(world: "World") -> str:
    """On the free day that was given last."""
    return (SOON + FAR + timedelta(days=world.days, hours=3)).isoformat()


A_BULK_ACTION: dict[str, Any] = {
    "list": "customers",
    "action": "change",
    "params": {"source": "x"},
    "ids": lambda world: [world.id("customer")],
}

FIXED: dict[str, dict[str, Any]] = {
    "add_site_party": {"role": "tenant"},
    "change_flags": {"largest_upload_mb": _another_size},
    "change_membership": {"role": "viewer"},
    "create_saved_view": {"list": "customers", "shared": "role"},
    "create_bulk_action": A_BULK_ACTION,
    "create_export": {"list": "customers"},
    "preview_bulk_action": A_BULK_ACTION,
    "create_invitation": {"role": "viewer", "email": _a_new_address},
    "create_note": {"entity": "customer"},
    "create_support_grant": {"email": lambda world: world.supporters[-1]},
    "create_attachment": {"entity": "customer"},
    "create_visit": {
        "window_start": SOON.isoformat(),
        "window_end": (SOON + timedelta(hours=2)).isoformat(),
    },
    "promise_visit": {
        "window_start": SOON.isoformat(),
        "window_end": (SOON + timedelta(hours=2)).isoformat(),
    },
    "book_slot": {
        "work_order_id": lambda world: world.id("work_order"),
        "window_start": _a_free_day,
        "window_end": _hours_later,
    },
    "set_reserves": {"reserves": []},
    "create_hold": {
        "work_order_id": lambda world: world.id("work_order"),
        "window_start": _a_free_day,
        "window_end": _hours_later,
    },
    "create_work_order": {"equipment_ids": lambda world: [world.id("equipment")]},
    "create_arrival_windows": {
        "windows": [{"start": "08:00", "end": "10:00"}, {"start": "10:00", "end": "12:00"}]
    },
    "create_event": {
        "starts_at": _a_free_hour,
        "ends_at": _an_hour_later,
        "technician_ids": lambda world: [world.id("technician")],
        "vehicle_ids": lambda world: [world.id("vehicle")],
        "repeats": {"frequency": "yearly", "count": 1},  # a series that takes no more than its hour
    },
    "schedule_visit": {
        "start": _a_free_hour,
        "technician_ids": lambda world: [world.id("technician")],
        "crew_id": lambda world: world.id("crew"),
        "vehicle_ids": lambda world: [world.id("vehicle")],
    },
    "move_visit": {"start": _a_free_hour},
    "resize_visit": {"minutes": 45},
    "assign_visit": {"technician_ids": lambda world: [world.id("technician")]},
    "extend_visit": {"minutes": 30},
    "try_drop": {
        "start": _a_free_hour,
        "technician_ids": lambda world: [world.id("technician")],
    },
    "swap_visits": {
        "with_id": lambda world: world.ids["visit"][-1],
        "with_version": 1,
    },
    "drop_visit": {"day": lambda world: str(a_monday(world))},
    "insert_visit": {
        "start": _a_free_hour,
        "technician_ids": lambda world: [world.id("technician")],
    },
    "split_visit": {
        "minutes": 30,
        "start": _a_free_hour,
        "technician_ids": lambda world: [world.id("technician")],
    },
    "plan_visit_on_days": {
        "first_day": lambda world: str(a_monday(world)),
        "days": 2,
        "start_local": "08:00",
        "end_local": "09:00",
        "technician_ids": lambda world: [world.id("technician")],
    },
    "create_job_type": {
        "unit_price": "189",
        "unit_cost": "71.25",
        "price_lines": [{"description": "Pumping", "unit_price": "189", "unit_cost": "70"}],
        "checklist": ["Look into the tank"],
    },
    "create_shift": {
        "spans": [
            {
                "weekday": "mon",
                "start": "08:00",
                "end": "17:00",
                "breaks": [{"start": "12:00", "minutes": 30}],
            }
        ]
    },
    "draft_invoice": {
        "lines": [{"description": "Pumping", "unit_price": "100", "unit_cost": "40"}]
    },
}
"""Operation → fields of its body that it needs and its schema does not require."""

WITH: dict[str, tuple[str, ...]] = {
    "create_contact": ("customers/0/customer_id",),
    "create_customer": ("parent_id",),
    "create_job_type": ("skills/0/skill_id",),
    "create_saved_view": ("role_id",),
    "create_site": ("customer_id",),
    "create_crew": ("lead_id", "vehicle_id", "members/0/technician_id"),
    "create_shift": ("technician_id",),
    "create_technician": ("member_id", "skills/0/skill_id"),
}
"""Operation → optional ids that a world fills too, once it has what they point at."""


FOR = {
    "list_notes": {"entity_id": "customer"},
    "list_attachments": {"entity_id": "customer"},
    "find_slots": {"job_type_id": "job_type", "site_id": "site"},
}
"""Operation → parameters it cannot do without, and whose id they take."""

ASKED = {"list_notes": {"entity": "customer"}, "list_attachments": {"entity": "customer"}}
"""Operation → other parameters it cannot do without."""


FILES: dict[str, Callable[["World"], tuple[dict[str, Any], dict[str, Any]]]] = {
    "create_file": lambda world: (
        {},
        {"file": (f"{world.text('list')}.csv", f"{world.text('row')},1\n", "text/csv")},
    ),
}
"""Operation → the form and files that make one."""


@dataclass
class Call:
    """A request to one route, ready to be sent."""

    route: Route
    path: dict[str, Any]
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)

    async def send(self, person: Person) -> Any:
        sent: dict[str, Any] = {"data": self.form, "files": self.files} if self.files else {}
        if self.body is not None:
            sent["json"] = self.body
        return await person.request(
            self.route.method,
            self.route.path.format(**self.path),
            params=self.query,
            headers={"Accept-Encoding": "identity", **self.headers},
            **sent,
        )


class World:
    """One organisation; `ids[resource]` holds what was made, the first one first."""

    def __init__(self, company: Company, owner: Person, mark: str) -> None:
        self.company, self.owner, self.mark = company, owner, mark
        self.ids: dict[str, list[Any]] = {"organisation": [str(company.id)]}
        self.hours = self.weeks = 0
        self.hours = 0
        self.days = 0
        self.at_work = False
        """Whether somebody works on every day."""
        self.supporters: list[str] = []
        """E-mails of the support people who were let in."""
        self.sizes = 0
        self._made = 0

    def id(self, resource: str) -> Any:
        """One of ours."""
        resource = ALIASES.get(resource, resource)
        assert self.ids.get(resource), (
            f"The world has no {resource}. If that is another name of something, say so in ALIASES;"
            f" if no POST makes it, add it to FINDERS ({HERE})."
        )
        return self.ids[resource][0]

    def text(self, name: str, at_most: int = 60) -> str:
        """A text of ours that no other text of ours equals."""
        self._made += 1
        return f"{self.mark} {self._made} {name}"[:at_most]

    def call(self, route: Route, need: Sequence[tuple[str, ...]] = ()) -> Call:
        """A well-formed request with our own ids; `need` names ids in the body to be sent too."""
        places = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
        path = {place: self.id(resource_of(route, place)) for place in places}
        body = None
        if route.body is not None:
            body = self._fill(route.body, route.id, need, whole=route.method == "PATCH")
            if isinstance(body, dict):
                for name, value in deepcopy(FIXED.get(route.id, {})).items():
                    body[name] = value(self) if callable(value) else value
        form, sent = FILES.get(route.id, lambda _: ({}, {}))(self)
        query = {
            one["name"]: self._fill(one["schema"], one["name"], (), whole=False)
            for one in route.parameters
            if one["in"] == "query" and one.get("required")
        }
        query |= {name: self.id(resource) for name, resource in FOR.get(route.id, {}).items()}
        headers = {"If-Match": '"v1"'} if route.wants_version else {}
        return Call(route, path, query | ASKED.get(route.id, {}), body, headers, form, sent)

    async def done(self, operation: str, path: dict[str, Any] | None = None) -> None:
        """Carry out this verb, on the record that `path` names."""
        call = await self.ready(route_of(operation), path=path or {})
        reply = await call.send(self.owner)
        assert reply.status_code == call.route.success, (operation, reply.text)

    async def ready(
        self,
        route: Route,
        need: Sequence[tuple[str, ...]] = (),
        path: dict[str, Any] | None = None,
    ) -> Call:
        """The same, with the version of our record that is current now."""
        call = self.call(route, need)
        call.path |= path or {}
        if route.takes("If-Match"):
            record = re.match(r"[^{]*({[a-z_]+})?", route.path)
            assert record is not None
            # a part that can be got by itself has a version of its own
            itself = any(one.method == "GET" and one.path == route.path for one in routes())
            where = route.path if itself else record.group()
            shown = await self.owner.get(where.format(**call.path))
            call.headers["If-Match"] = shown.headers["etag"]
        return call

    def _fill(
        self, schema: dict[str, Any], name: str, need: Sequence[tuple[str, ...]], *, whole: bool
    ) -> Any:
        schema = plain(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                return self._object(schema, need, whole=whole)
            case "array":
                inner = [one[1:] for one in need if one]
                least = max(schema.get("minItems", 0), 1 if inner else 0)
                items = schema.get("items", {})
                return [self._fill(items, name, inner, whole=False) for _ in range(least)]
            case "string":
                return self._string(schema, name)
            case "integer":
                return FIELDS.get(name) or max(schema.get("minimum", 1), 1)
            case "number":
                return schema.get("minimum", 0)
            case "boolean":
                return schema.get("default", False)
        raise AssertionError(f"Say in FIELDS what “{name}” may be ({HERE}): {schema}")

    def _object(
        self, schema: dict[str, Any], need: Sequence[tuple[str, ...]], *, whole: bool
    ) -> dict[str, Any]:
        properties = schema.get("properties", {})
        names = [*schema.get("required", []), *(one[0] for one in need if one)]
        if whole and not names:
            names = [_something_plain(properties)]
        return {
            name: self._fill(
                properties[name],
                name,
                [one[1:] for one in need if one and one[0] == name],
                whole=False,
            )
            for name in dict.fromkeys(names)
        }

    def _string(self, schema: dict[str, Any], name: str) -> str:
        match schema.get("format"):
            case "uuid":
                return str(self.id(named(name)))
            case "date":
                return clock.now().date().isoformat()
            case "date-time":
                return clock.now().isoformat()
        if FIELDS.get(name):
            return str(FIELDS[name])
        if "pattern" in schema:
            assert schema.get("examples"), f"Say in FIELDS what “{name}” may be ({HERE})."
            return str(schema["examples"][0])
        return self.text(name, schema.get("maxLength", 60))

    async def make(self, operation: str, **fields: Any) -> Any:
        """Make another one by this creation route; its id."""
        call = await self.creating(operation)
        if fields:
            call.body |= fields
        return await self.sent(call)

    async def sent(self, call: Call) -> Any:
        """Send what makes something; its id."""
        operation = call.route.id
        reply = await call.send(self.owner)
        assert reply.status_code == 201, (
            f"{operation} cannot be exercised: {reply.status_code} {reply.text}. Add what it needs"
            f" to FIXED, WITH or PREPARE ({HERE}). It was sent {call.body}."
        )
        made = YIELDS.get(operation, lambda one: one["id"])(reply.json())
        self.ids.setdefault(resource_of(call.route), []).append(made)
        return made

    async def creating(self, operation: str) -> Call:
        """A request that makes another one, with everything it needs prepared."""
        route = creations()[operation]
        prepared = await PREPARE[operation](self) if operation in PREPARE else {}
        need = [tuple(one.split("/")) for one in WITH.get(operation, ())]
        known = [one for one in need if ALIASES.get(n := named(one[-1]), n) in self.ids]
        call = self.call(route, known)
        call.path |= prepared
        call.headers["Idempotency-Key"] = self.text("key")
        return call

    async def populate(self) -> None:
        """Make one of everything, in an order in which that is possible."""
        for resource, find in FINDERS_FIRST.items():
            self.ids[resource] = await find(self)
        waiting = dict(creations())
        while waiting:
            possible = [name for name, route in waiting.items() if self._possible(name, route)]
            assert possible, (
                f"Nothing more can be made: {sorted(waiting)} wait for each other or for something"
                f" no route makes. Add it to FINDERS or PREPARE ({HERE})."
            )
            for name in possible:
                await self.make(name)
                del waiting[name]
        await self.make("create_customer")  # with the first as its parent
        for happening in LIFE:
            await happening(self)
        for resource, find in FINDERS_LAST.items():
            self.ids[resource] = await find(self)

    def _possible(self, operation: str, route: Route) -> bool:
        needed = [named(name) for name in required_ids(route)]
        needed += [resource_of(route, part[1:-1]) for part in route.path.split("/") if "{" in part]
        needed += [named(one.split("/")[-1]) for one in WITH.get(operation, ())]
        needed += NEEDS.get(operation, [])
        own = resource_of(route)
        wanted = {ALIASES.get(one, one) for one in needed} - {own}
        return wanted <= self.ids.keys()

    def session(self) -> AsyncSession:
        """A session of ours, for what no route does."""
        scope = Scope(self.company.id, source="test")
        return self.company.server.state.sessions.open(scope)

    async def add_member(self) -> None:
        """Somebody who cannot sign in, as members that an administrator adds first cannot."""
        name = self.text("member")
        email = f"{name.replace(' ', '.').lower()}@example.com"
        async with self.session() as session:
            member = await add_person(session, email=email, name=name, role="viewer", password=None)
            await session.commit()
        self.ids.setdefault("membership", []).insert(0, str(member.id))

    async def close(self) -> None:
        await self.company.close()


def creations() -> dict[str, Route]:
    """Every route that makes something: POSTs that answer 201, by operation id."""
    return {
        route.id: route
        for route in routes()
        if route.operation and route.allow and route.method == "POST" and route.success == 201
    }


def route_of(operation: str) -> Route:
    """The route with this operation id."""
    return next(route for route in routes() if route.id == operation)


def named(place: str) -> str:
    """The resource that an id's name says: `customer_id`, `technician_ids` → what they point at."""
    return place.removesuffix("_ids").removesuffix("_id")


def resource_of(route: Route, place: str | None = None) -> str:
    """The resource of a path parameter, or (without one) of the route itself: the segment before."""
    parts = [part for part in route.path.split("/") if part]
    if place is None:
        segment = [part for part in parts if not part.startswith("{")][-1]
    else:
        segment = parts[parts.index(f"{{{place}}}") - 1]
    word = _singular(segment.replace("-", "_"))
    return ALIASES.get(word, word)


def _singular(word: str) -> str:
    if word.endswith("ches"):
        return word.removesuffix("es")
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")


def _something_plain(properties: dict[str, Any]) -> str:
    """A field that a patch can name without knowing more: a text."""
    for name, schema in properties.items():
        text = plain(schema)
        if text.get("type") == "string" and not {"format", "enum", "pattern"} & text.keys():
            return str(name)
    return str(next(iter(properties)))


def required_ids(route: Route) -> list[str]:
    """Names of the ids without which the body is not accepted."""
    return [] if route.body is None else list(_required_ids(plain(route.body)))


def _required_ids(schema: dict[str, Any]) -> list[str]:
    found = []
    for name in schema.get("required", []):
        inner = plain(schema["properties"][name])
        items = plain(inner.get("items", {}))
        if inner.get("format") == "uuid" or items.get("format") == "uuid":
            found.append(name)
        elif inner.get("type") == "object":
            found += _required_ids(inner)
    return found


async def _a_member(world: World) -> list[str]:
    await world.add_member()
    return world.ids["membership"]


async def _a_new_member(world: World) -> dict[str, Any]:
    await world.add_member()
    return {}


async def _sessions(world: World) -> list[str]:
    found = await world.owner.got("/api/v2/me/sessions")
    return [one["id"] for one in found["data"] if not one["current"]]


async def _journal_entries(world: World) -> list[int]:
    story = await world.owner.got(f"/api/v2/customers/{world.id('customer')}/timeline")
    return [one["id"] for one in story["data"]]


async def _series(world: World) -> list[str]:
    found = await world.owner.got("/api/v2/events", limit=200)
    return [one["series_id"] for one in found["data"] if one["series_id"]]


async def _a_job(world: World) -> list[str]:
    """Nobody asks for a job by itself: verbs do."""
    async with world.session() as session:
        ctx = Ctx(session, world.company.id, world.owner.user_id, frozenset(Permission))
        customer = await ctx.get(Customer, UUID(world.id("customer")))
        job = await jobs.ask(ctx, "greet", customer)
        await session.commit()
    return [str(job.id)]


async def _a_mail(world: World) -> list[str]:
    """Verbs write mails; nobody makes one by itself."""
    async with world.session() as session:
        ctx = Ctx(session, world.company.id, world.owner.user_id, frozenset(Permission))
        customer = await ctx.get(Customer, UUID(world.id("customer")))
        mail = await mails.send(
            ctx,
            to="somebody@example.com",
            template="notice",
            data={"subject": world.text("subject"), "text": world.text("text")},
            key=world.text("key"),
            about=customer,
        )
        await session.commit()
    return [str(mail.id)]


async def _a_letter(world: World) -> list[str]:
    """What has left stands in the outbox."""
    letter = EmailMessage()
    letter["Message-ID"] = f"<{world.text('letter').replace(' ', '.')}@example.com>"
    letter["Subject"], letter["From"], letter["To"] = "Hello", "a@example.com", "b@example.com"
    letter.set_content("Hello")
    letter.add_attachment("Hello", filename="hello.txt")
    engine = world.company.server.state.engine
    await OutboxPost(engine).send(letter.as_bytes(), "b@example.com")
    return [str((await newest(engine))[0].id)]


async def _an_import(world: World) -> list[str]:
    """One that was tried and one that was done, each with a row that was refused; the mapping is kept."""
    made = []
    for dry_run in (True, False):
        draft = ImportDraft(
            kind=ImportKind.customers,
            filename=world.text("list.csv"),
            mapping={"Name": "name"},
            dry_run=dry_run,
        )
        content = f"Name,Email\n{world.text('Imported')},\n,{world.text('Refused')}\n".encode()
        sessions = world.company.server.state.sessions
        done, _ = await import_file(sessions, world.company.id, content, draft)
        made.append(str(done.id))
    return made


async def _import_rows(world: World) -> list[str]:
    found = await world.owner.got(f"/api/v2/imports/{world.id('import')}/rows", did="refused")
    return [one["id"] for one in found["data"]]


async def _a_bulk_action(world: World) -> list[str]:
    """One that was done."""
    body = {"list": "customers", "action": "change", "params": {"source": world.text("source")}}
    asked = await world.owner.made("/api/v2/bulk", {**body, "ids": [world.id("customer")]})

    @asynccontextmanager
    async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
        async with world.session() as session:
            yield Ctx(session, world.company.id, world.owner.user_id, frozenset(Permission))
            await session.commit()

    await bulk.carry_out(transaction, UUID(asked["id"]))
    return [asked["id"]]


async def _an_archive(world: World) -> list[str]:
    """One that was made, and can be downloaded."""
    asked = await world.owner.made("/api/v2/organisation/archives")
    await number_the_journal(world.company.server)

    @asynccontextmanager
    async def transaction(*, last: bool = False) -> AsyncIterator[Ctx]:
        async with world.session() as session:
            yield Ctx(session, world.company.id, world.owner.user_id, frozenset(Permission))
            await session.commit()

    await leaving.carry_out(world.company.server.state.sessions, transaction, UUID(asked["id"]))
    return [asked["id"]]


async def _an_export(world: World) -> list[str]:
    """One that is ready."""
    asked = await exports.asked(world.owner, list="customers")
    await exports.make(world.company.server, world.owner, world.company.id, asked["id"])
    return [asked["id"]]


async def _geofence_events(world: World) -> list[str]:
    return [await a_geofence_event(world, world.id("visit"))]


async def a_geofence_event(world: World, visit: str) -> str:
    """Somebody seems to have arrived; the id."""
    async with world.session() as session:
        event = GeofenceEvent(
            visit_id=UUID(visit),
            technician_id=UUID(world.id("technician")),
            kind=Crossed.arrival,
            at=clock.now(),
        )
        session.add(event)
        await session.commit()
    return str(event.id)


async def a_command(world: World) -> str:
    """Something that was done on the board a moment ago, and can be undone."""
    await world.make("create_event")
    done = await world.owner.got("/api/v2/commands", mine="true", limit=1)
    return str(done["data"][0]["id"])


async def _commands(world: World) -> list[str]:
    """One that can be undone, and one that was and can be redone."""
    undone, done = await a_command(world), await a_command(world)
    await world.owner.made(f"/api/v2/commands/{undone}/undo")
    return [done, undone]


Finder = Callable[[World], Awaitable[list[Any]]]
FINDERS_FIRST: dict[str, Finder] = {"membership": _a_member, "session": _sessions}
"""Resources that no POST makes and that are there from the start."""
FINDERS_LAST: dict[str, Finder] = {
    "series": _series,
    "journal_entry": _journal_entries,
    "mail": _a_mail,
    "outbox": _a_letter,
    "job": _a_job,
    "import": _an_import,
    "import_row": _import_rows,
    "bulk": _a_bulk_action,
    "archive": _an_archive,
    "export": _an_export,
    "geofence_event": _geofence_events,
    "command": _commands,
}
"""Resources that other records leave behind them."""


async def _a_dispatched_visit(world: World) -> None:
    """The first one, so that everything that a technician answers can be tried on it."""
    for operation in ("schedule_visit", "dispatch_visit"):
        await world.done(operation)


async def _a_paused_visit(world: World) -> None:
    """On work of its own: work that has begun does not change its site any more."""
    order = await world.make("create_work_order")
    another = await world.make("create_visit", work_order_id=order)
    for operation in (
        "schedule_visit",
        "set_off_for_visit",
        "arrive_at_visit",
        "start_visit",
        "pause_visit",
    ):
        await world.done(operation, {"id": another})


async def _a_tagging(world: World) -> None:
    await world.done("attach_tag")


async def a_logo(world: World) -> None:
    """Give the organisation a logo."""
    reply = await world.owner.put("/api/v2/organisation/logo", files={"file": ("x", make_png())})
    assert reply.status_code == 200, reply.text


async def _a_support_person(world: World) -> dict[str, Any]:
    """Each grant is for somebody else: nobody has two."""
    world.supporters.append(f"support{len(world.supporters)}@{world.company.slug}.example.com")
    engine = world.company.server.state.engine
    await appoint(engine, world.supporters[-1], "Sue Port", PASSWORD)
    return {}


async def _a_read_of_the_support(world: World) -> None:
    sue = await sign_in_in_two_steps(world.company.server, world.supporters[0], world.company.slug)
    await sue.got("/api/v2/customers")
    await sue.aclose()


async def _a_territory_looked_after(world: World) -> None:
    path = f"/api/v2/memberships/{world.id('membership')}"
    body = {"team_id": world.id("team"), "territory_ids": [world.id("territory")]}
    reply = await world.owner.patch(path, json=body)
    assert reply.status_code == 200, reply.text


async def _a_sample(world: World) -> None:
    """Asked for, and its first step made."""
    reply = await world.owner.post("/api/v2/organisation/demo")
    assert reply.status_code == 202, reply.text
    async with world.session() as session:
        ctx = Ctx(session, world.company.id, world.owner.user_id, frozenset(Permission))
        await samples.make_step(ctx, UUID(reply.json()["id"]))
        await session.commit()


async def _a_lookup(world: World) -> None:
    """A site that is to be looked up, and what was said of its address."""
    mark = world.text("answered")
    async with world.session() as session:
        session.add(SiteLookup(site_id=UUID(world.id("site")), due_at=None, failure=mark))
        session.add(Geocode(provider="nobody", address=mark, asked_at=clock.now()))
        await session.commit()


async def _a_drive(world: World) -> None:
    """How long a map service said that a drive takes."""
    async with world.session() as session:
        session.add(
            TravelTime(
                provider="nobody",
                start_latitude_e5=3_344_840,
                start_longitude_e5=-11_207_400,
                goal_latitude_e5=3_345_840,
                goal_longitude_e5=-11_208_400,
                band=Band.any,
                moving=False,
                zone="America/Phoenix",
                seconds=240,
                metres=2_000,
                answered_on=clock.now().date(),
                due_at=None,
                attempts=0,
            )
        )
        await session.commit()


async def _an_alert(world: World) -> None:
    """One that stands, and when to look again."""
    async with world.session() as session:
        session.add(
            RaisedAlert(
                visit_id=UUID(world.id("visit")), code="not_confirmed", raised_at=clock.now()
            )
        )
        session.add(AlertClock(seq=0, look_at=clock.now()))
        await session.commit()


async def _a_preference(world: World) -> None:
    """How the owner likes the board."""
    reply = await world.owner.put("/api/v2/me/preferences/board", json={"hours": 12})
    assert reply.status_code == 200, reply.text


async def _a_position(world: World) -> None:
    """Where a technician was a while ago, and that somebody looked."""
    technician, now = UUID(world.id("technician")), clock.now()
    place = {"at": now, "latitude_e6": 33_448_000, "longitude_e6": -112_074_000, "accuracy_m": 8}
    async with world.session() as session:
        await open_days(session, {now.date()})
        session.add(Ping(technician_id=technician, speed_cms=None, **place))
        session.add(Position(id=technician, speed_cms=None, heard_at=now, fresh_from=now, **place))
        session.add(
            PositionLook(
                technician_id=technician,
                looker_id=world.owner.user_id,
                looked_at=Look.track,
                hour=now.replace(minute=0, second=0, microsecond=0),
                last_at=now,
                times=1,
            )
        )
        await session.commit()


LIFE: tuple[Callable[[World], Awaitable[None]], ...] = (
    _a_dispatched_visit,
    _a_paused_visit,
    a_logo,
    _a_territory_looked_after,
    _a_tagging,
    _a_read_of_the_support,
    _a_sample,
    _a_lookup,
    _a_drive,
    _an_alert,
    _a_position,
    _a_preference,
)
"""What happens in a world once it holds one of everything."""


async def _a_new_site(world: World) -> dict[str, Any]:
    return {"id": await world.make("create_site")}


async def _a_new_work_order(world: World) -> dict[str, Any]:
    return {"id": await world.make("create_work_order")}


async def a_finished_work_order(world: World) -> dict[str, Any]:
    """Whose only visit is over."""
    order = await world.make("create_work_order")
    visit = await world.make("create_visit", work_order_id=order)
    path = {"id": visit}
    for verb in ("schedule_visit", "dispatch_visit", "set_off_for_visit", "arrive_at_visit"):
        await world.done(verb, path)
    await world.done("complete_visit", path)
    return {"id": order}


async def _an_issued_invoice(world: World) -> dict[str, Any]:
    invoice = await world.make("draft_invoice")
    await world.owner.made(f"/api/v2/invoices/{invoice}/issue")
    return {"id": invoice}


async def _a_new_file(world: World) -> dict[str, Any]:
    made = await world.make("create_file")
    world.ids["file"].remove(made)
    world.ids["file"].insert(0, made)
    return {}


async def _somebody_at_work(world: World) -> dict[str, Any]:
    """Who has time for it on every day."""
    if not world.at_work:
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        spans = [{"weekday": day, "start": "06:00", "end": "20:00"} for day in days]
        skills = [{"skill_id": world.id("skill"), "level": 5}]
        draft = {"name": world.text("technician"), "skills": skills}
        made = await world.owner.made("/api/v2/technicians", draft)
        body = {"name": world.text("shift"), "valid_from": "2026-01-01", "spans": spans}
        await world.owner.made("/api/v2/shifts", {**body, "technician_id": made["id"]})
    world.at_work = True
    return {}


PREPARE: dict[str, Callable[[World], Awaitable[dict[str, Any]]]] = {
    "add_site_party": _a_new_site,  # one customer has one role at a site once
    "call_back_work_order": a_finished_work_order,
    "create_attachment": _a_new_file,  # a record holds a file once
    "create_support_grant": _a_support_person,
    "create_employee": _a_new_member,
    "create_hold": _somebody_at_work,
    "create_technician": _a_new_member,  # nobody is two technicians
    "draft_invoice": _a_new_work_order,  # what is billed changes its customer no more
    "record_payment": _an_issued_invoice,
}
"""Operation → what has to happen before it; what it returns goes into the path."""

NEEDS: dict[str, list[str]] = {
    "create_work_order": ["equipment"],
    "call_back_work_order": ["visit", "technician", "crew", "vehicle"],
    "create_event": ["technician", "vehicle"],
    "create_hold": ["work_order", "skill"],
}
"""Operation → resources that its preparation uses beyond those of its path and body."""

YIELDS: dict[str, Callable[[Any], Any]] = {
    "add_site_party": lambda reply: reply["parties"][-1]["id"],
}
"""Operation → where in its reply the new id stands, when that is not `id`."""


async def a_world(server: Server, slug: str, mark: str) -> World:
    """An organisation with one of everything; `mark` stands in each of its texts."""
    company = await found_company(server, slug)
    owner = await company.person("owner", f"Olga {mark}")
    company.people["again"] = await sign_in(server, owner.email, slug)
    world = World(company, owner, mark)
    await world.populate()
    await number_the_journal(server)
    return world


async def number_the_journal(server: Server) -> None:
    """What the relay does while a server runs."""
    relay = await asyncpg.connect(server.database.relay)
    await relay.execute("select system.number_journal()")
    await relay.close()
