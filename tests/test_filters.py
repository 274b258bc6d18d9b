"""`filter=` on every list, against a plain evaluation of 2,000 random rows."""

import csv
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, get_type_hints
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select

from app.core import clock, filters
from app.core.db import Scope
from app.core.filters.fields import OPERATORS
from app.core.listing import ListQuery
from app.core.model import TenantModel
from app.models.bulk import BulkAction
from app.models.customers import Customer
from app.models.invoices import Invoice
from app.models.technicians import Technician
from app.services.customers import CustomerQuery
from app.services.invoices import InvoiceQuery
from app.services.technicians import TechnicianQuery
from tests.support.deep import times
from tests.support.filtering import ZONE, Row, anything, crowd, meets
from tests.support.people import Company, Person
from tests.support.routes import READS, Route, endpoint_of, plain, routes
from tests.support.server import Server

LISTS = {
    "customers": CustomerQuery,
    "invoices": InvoiceQuery,
    "technicians": TechnicianQuery,
}
MODELS: dict[str, type[TenantModel]] = {
    "customers": Customer,
    "invoices": Invoice,
    "technicians": Technician,
}
PICKED = {
    "customers": (
        "name", "billing_city", "stage", "payment_terms_days", "tax_exempt", "parent_id",
        "created_at",
    ),
    "invoices": ("number", "total", "tax_rate", "issued_on", "due_on", "issued_at"),
    "technicians": ("skills",),
}  # fmt: skip
COUNT = 2_000


@dataclass
class Crowd:
    company: Company
    person: Person
    rows: dict[str, list[Row]]
    today: date

    def expected(self, where: str, tree: Any) -> set[str]:
        return {str(row["id"]) for row in self.rows[where] if meets(tree, row, self.today)}

    async def exported(self, where: str, tree: Any) -> set[str]:
        """Ids in the table."""
        reply = await self.person.get(
            f"/api/v2/{where}", params={"filter": json.dumps(tree)}, headers={"Accept": "text/csv"}
        )
        assert reply.status_code == 200, reply.text
        text = io.StringIO(reply.content.decode("utf-8-sig"), newline="")
        return {row["id"] for row in csv.DictReader(text)}

    async def begun(self, where: str, tree: Any) -> tuple[int, set[str]]:
        """How many there are, and ids of the first page."""
        page = await self.person.got(
            f"/api/v2/{where}", filter=json.dumps(tree), limit=20, include_total=True
        )
        return page["total"], {one["id"] for one in page["data"]}

    async def met(self, where: str, tree: Any) -> set[str]:
        """Ids of the rows that meet the condition which the list adds."""
        model, query = MODELS[where], LISTS[where]
        async with self.company.server.state.sessions.open(Scope(self.company.id)) as session:
            clock_here = filters.Clock(clock.now(), str(ZONE))
            made = filters.condition(filters.build(tree, query.filterable(), clock_here))
            return set(map(str, await session.scalars(select(model.id).where(made))))

    async def listed(self, where: str, tree: Any) -> set[str]:
        """Ids of all pages."""
        found: list[str] = []
        params: dict[str, Any] = {"filter": json.dumps(tree), "limit": 200}
        while True:
            page = await self.person.got(f"/api/v2/{where}", **params)
            found += [one["id"] for one in page["data"]]
            if page["next_cursor"] is None:
                assert len(found) == len(set(found))
                return set(found)
            params["cursor"] = page["next_cursor"]


@pytest_asyncio.fixture(scope="module")
async def crowded(acme: Company, server: Server) -> Crowd:
    now = clock.now()
    person = await acme.person("owner")
    rows = await crowd(server, acme, COUNT, now)
    return Crowd(acme, person, rows, now.astimezone(ZONE).date())


def written(value: Any) -> Any:
    """A value of a row as one writes it in a filter."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case set():
            return str(min(value))
        case int():
            return value
    return str(value)


def values_of(rows: list[Row], field: str, op: str, pick: random.Random) -> Any:
    """Something that makes sense of this field, taken from the rows or written as people do."""
    there = [row[field] for row in rows if row[field] not in (None, set())]
    one = pick.choice(there)
    some: list[Any] = [written(pick.choice(there)) for _ in range(3)]
    if isinstance(one, date):
        some += ["-7d", "today", "this_month", "last_week", "2026-11-01"]
    match op:
        case "is_null":
            return pick.random() < 0.5
        case "in" | "not_in" | "any_of":
            return some
        case "between":
            return ["-30d", "today"] if isinstance(one, date) else sorted(some)[:2]
        case "contains" | "not_contains" | "starts_with" | "ends_with":
            start = pick.randint(0, len(one) - 1)
            return pick.choice([one[: start + 1], one[start:], one.upper()])
    return pick.choice(some)


def cases() -> Iterator[tuple[str, str, str]]:
    for where, fields in PICKED.items():
        for field in fields:
            for op in OPERATORS[LISTS[where].filterable()[field].kind]:
                yield where, field, op


def test_the_cases_are_all_kinds_and_operators() -> None:
    kinds = {LISTS[where].filterable()[field].kind for where, field, _ in cases()}
    assert kinds == set(OPERATORS)


@pytest.mark.parametrize(("where", "field", "op"), list(cases()))
async def test_an_operator_means_what_it_says(
    where: str, field: str, op: str, crowded: Crowd
) -> None:
    pick = random.Random(f"{where}{field}{op}")
    tree = {"field": field, "op": op, "value": values_of(crowded.rows[where], field, op, pick)}
    expected = crowded.expected(where, tree)
    assert await crowded.met(where, tree) == expected, tree
    total, first = await crowded.begun(where, tree)
    assert total == len(expected)
    assert first <= expected


def a_tree(where: str, rows: list[Row], pick: random.Random, depth: int = 0) -> dict[str, Any]:
    """Conditions joined at random, at most four deep."""
    if depth == 3 or pick.random() < 0.3:
        field = pick.choice(PICKED[where])
        op = pick.choice(OPERATORS[LISTS[where].filterable()[field].kind])
        return {"field": field, "op": str(op), "value": values_of(rows, field, op, pick)}
    if pick.random() < 0.3:
        return {"not": a_tree(where, rows, pick, depth + 1)}
    inner = [a_tree(where, rows, pick, depth + 1) for _ in range(pick.randint(1, 4))]
    return {pick.choice(["and", "or"]): inner}


@pytest.mark.parametrize("seed", range(times(4, deep=100)))
async def test_a_bulk_action_takes_what_the_list_shows(seed: int, crowded: Crowd) -> None:
    tree = a_tree("customers", crowded.rows["customers"], random.Random(f"bulk{seed}"))
    some = {
        "or": [tree, {"field": "id", "op": "eq", "value": str(crowded.rows["customers"][0]["id"])}]
    }
    body = {"list": "customers", "action": "change", "params": {"source": "x"}, "filter": some}
    asked = await crowded.person.made("/api/v2/bulk", body)
    async with crowded.company.server.state.sessions.open(Scope(crowded.company.id)) as session:
        ids = select(BulkAction.ids).where(BulkAction.id == UUID(asked["id"]))
        assert set(map(str, await session.scalar(ids))) == crowded.expected("customers", some)


@pytest.mark.parametrize("where", LISTS)
@pytest.mark.parametrize("seed", range(times(4, deep=100)))
async def test_conditions_join_as_they_say(where: str, seed: int, crowded: Crowd) -> None:
    tree = a_tree(where, crowded.rows[where], random.Random(seed))
    expected = crowded.expected(where, tree)
    assert await crowded.listed(where, tree) == expected, tree
    assert await crowded.exported(where, tree) == expected, tree


async def test_the_days_are_those_of_the_zone_that_is_named(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await dana.made("/api/v2/customers", {"name": "Ann Now"})
    found = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        here = clock.now().astimezone(ZoneInfo(zone)).date()
        tree = {"field": "created_at", "op": "eq", "value": here.isoformat()}
        page = await dana.got(
            "/api/v2/customers", filter=json.dumps(tree), filter_zone=zone, sort="-created_at"
        )
        found[zone] = {one["id"] for one in page["data"]}
        assert ann["id"] in found[zone]


async def test_what_cannot_be_meant_is_refused_with_the_place_and_the_fix(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tree = {"and": [{"field": "stage", "op": "eq", "value": "asleep"}]}
    reply = await dana.get("/api/v2/customers", params={"filter": json.dumps(tree)})
    assert reply.status_code == 422
    assert reply.json()["errors"] == [
        {
            "pointer": "?filter/and/0/value",
            "code": "unknown_choice",
            "detail": "“asleep” is none of: prospect, active, former.",
        }
    ]


async def test_no_filter_is_answered_with_an_error_of_ours(crowded: Crowd) -> None:
    """D7, through the door: every answer is 200 or 422."""
    pick = random.Random(3)
    fields = LISTS["customers"].filterable()
    statuses = set()
    for _ in range(times(100, deep=5_000)):
        params = {"filter": json.dumps(anything(pick, fields)), "limit": 1}
        statuses.add((await crowded.person.get("/api/v2/customers", params=params)).status_code)
    assert statuses == {200, 422}


PAGED = [r for r in routes() if r.allow and r.method in READS and r.takes("include_total")]


SHOWN_OTHERWISE = {
    "credit_held_at": "a banner, in `banners`",
    "service_stopped_at": "a banner, in `banners`",
    "member_id": "`member.id`",
    "looker_id": "`looker.id`",
    "lead_id": "the first of `technicians`",
    "stepped_at": "`undone_at`, while it is undone",
}
"""Fields whose value stands in a row under another name."""
ROWS_OF = {"list_positions": "technician"}
"""Lists whose rows say more of a record that stands in them whole, and are filtered by that record."""


@pytest.mark.parametrize("route", PAGED, ids=lambda route: route.name)
def test_every_list_filters_by_what_it_shows(route: Route) -> None:
    """A field that is not shown would be told by filtering."""
    hints = get_type_hints(endpoint_of(route))
    (query,) = {
        one for one in hints.values() if isinstance(one, type) and issubclass(one, ListQuery)
    }
    assert route.takes("filter")
    page = (route.operation or {})["responses"]["200"]["content"]["application/json"]["schema"]
    shown = plain(plain(page)["properties"]["data"]["items"])["properties"]
    if route.id in ROWS_OF:
        shown = shown | plain(shown[ROWS_OF[route.id]])["properties"]
    # a record that is named whole is filtered by its id
    shown = {*shown, *(f"{name}_id" for name in shown)}
    fields = {name for name, one in query.filterable().items() if one.related is None}
    assert fields
    assert fields - SHOWN_OTHERWISE.keys() <= shown
