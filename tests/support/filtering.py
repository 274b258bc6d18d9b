"""What a filter means, worked out row by row in Python: slow, plain and written without the compiler.

And 2,000 rows of two lists with something in every kind of field, nulls included.
"""

import random
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from app.core.filters import Fields, Op
from tests.support.people import Company
from tests.support.server import Server

ZONE = ZoneInfo("America/Chicago")
Row = dict[str, Any]

WORDS = ("Lee", "lee", "LEE", "Müller", "Muller", "Zoë", "Ann", "José", "Smith & Co", "100%", "a_b")
CITIES = (None, "Topeka", "topeka", "São Paulo", "Kansas City", "\\o/", "%")


def fold(text: str) -> str:
    """No case, no accents."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(one for one in bare if not unicodedata.combining(one)).lower()


def _days(word: str, today: date) -> tuple[date, date] | None:
    """First day and the one after the last, of the words that the tests use."""
    month = today.replace(day=1)
    match word:
        case "today":
            return today, today + timedelta(1)
        case "this_month":
            return month, (month + timedelta(32)).replace(day=1)
        case "last_week":
            monday = today - timedelta(today.weekday())
            return monday - timedelta(7), monday
        case _ if word.endswith("d") and word[0] in "+-":
            day = today + timedelta(int(word[:-1]))
            return day, day + timedelta(1)
        case _ if len(word) == 10:
            return date.fromisoformat(word), date.fromisoformat(word) + timedelta(1)
    return None


def _span(value: Any, there: Any, today: date) -> tuple[Any, Any]:
    """Smallest value and the first beyond it that `value` stands for; both the same for a point."""
    if isinstance(there, datetime):
        if found := _days(value, today):
            first, beyond = (datetime.combine(one, time(), ZONE).astimezone(UTC) for one in found)
            return first, beyond
        moment = datetime.fromisoformat(value)
        return moment, moment
    if isinstance(there, date):
        found = _days(value, today)
        assert found is not None
        return found
    if isinstance(there, UUID):
        return UUID(value), UUID(value)
    if isinstance(there, str):
        return fold(value), fold(value)
    if isinstance(there, Decimal):
        return Decimal(value), Decimal(value)
    return value, value


def meets(tree: Row, row: Row, today: date) -> bool:
    """Whether the row meets the filter."""
    if "and" in tree:
        return all(meets(one, row, today) for one in tree["and"])
    if "or" in tree:
        return any(meets(one, row, today) for one in tree["or"])
    if "not" in tree:
        return not meets(tree["not"], row, today)
    op, value, there = tree["op"], tree.get("value"), row[tree["field"]]
    for denial, said in (("ne", "eq"), ("not_in", "in"), ("not_contains", "contains")):
        if op == denial:
            return not meets(tree | {"op": said}, row, today)
    if isinstance(there, set):
        match op:
            case "is_null":
                return (not there) == value
            case "has":
                return UUID(value) in there
            case "any_of":
                return bool({UUID(one) for one in value} & there)
    if op == "is_null":
        return (there is None) == value
    if there is None:
        return False
    if op == "in":
        return any(meets(tree | {"op": "eq", "value": one}, row, today) for one in value)
    if op == "between":
        return meets(tree | {"op": "gte", "value": value[0]}, row, today) and meets(
            tree | {"op": "lte", "value": value[1]}, row, today
        )
    first, beyond = _span(value, there, today)
    mine = fold(there) if isinstance(there, str) else there
    exact = first == beyond
    match op:
        case "eq":
            return bool(mine == first if exact else first <= mine < beyond)
        case "lt":
            return bool(mine < first)
        case "gte":
            return bool(mine >= first)
        case "lte":
            return bool(mine <= first if exact else mine < beyond)
        case "gt":
            return bool(mine > first if exact else mine >= beyond)
        case "contains":
            return first in mine
        case "starts_with":
            return bool(mine.startswith(first))
        case "ends_with":
            return bool(mine.endswith(first))
    raise AssertionError(op)


def _maybe(pick: random.Random, value: Any) -> Any:
    return None if pick.random() < 0.3 else value


def _moment(pick: random.Random, now: datetime) -> datetime:
    return now + timedelta(minutes=pick.randint(-90 * 24 * 60, 30 * 24 * 60))


async def crowd(
    server: Server, company: Company, count: int, now: datetime
) -> dict[str, list[Row]]:
    """`count` customers and as many invoices in the company, straight into the tables."""
    pick = random.Random(11)
    parents = [uuid4() for _ in range(5)]
    customers: list[Row] = [
        {
            "id": parents[n] if n < len(parents) else uuid4(),
            "org_id": company.id,
            "name": " ".join(pick.choices(WORDS, k=pick.randint(1, 3))),
            "kind": pick.choice(["person", "business"]),
            "stage": pick.choice(["prospect", "active", "former"]),
            "billing_city": pick.choice(CITIES),
            "payment_terms_days": _maybe(pick, pick.randint(0, 60)),
            "tax_exempt": pick.random() < 0.4,
            "parent_id": _maybe(pick, pick.choice(parents)) if n >= len(parents) else None,
            "created_at": _moment(pick, now),
        }
        for n in range(count)
    ]
    for one in customers:
        one["sort_name"] = fold(one["name"])
    invoices: list[Row] = []
    for n in range(count):
        issued = pick.random() < 0.7
        moment, day = _moment(pick, now), now.date() + timedelta(pick.randint(-60, 10))
        tax, subtotal = pick.randint(0, 500), pick.randint(0, 5000)
        invoices.append(
            {
                "id": uuid4(),
                "org_id": company.id,
                "number": f"INV-{n}" if issued else None,
                "status": pick.choice(["issued", "paid"]) if issued else "draft",
                "customer_id": pick.choice(parents),
                "currency": "USD",
                "issued_at": moment if issued else None,
                "issued_on": day if issued else None,
                "due_on": day + timedelta(pick.randint(0, 30)) if issued else None,
                "printed": "{}" if issued else None,
                "payment_terms_days": pick.randint(0, 60),
                "tax_label": "Tax",
                "tax_rate": Decimal(pick.choice(["0", "0.0825", "0.1"])),
                "rounding": "half_up",
                "round_tax_on": "document",
                "subtotal": subtotal,
                "discount": 0,
                "tax": tax,
                "total": subtotal + tax,
                "created_at": moment,
            }
        )
    skills = [uuid4() for _ in range(4)]
    technicians: list[Row] = [
        {
            "id": uuid4(),
            "org_id": company.id,
            "name": f"T{n}",
            "sort_name": f"t{n}",
            "color": "#336699",
            "time_zone": "America/Chicago",
            "active": True,
            "created_at": now,
        }
        for n in range(count // 20)
    ]
    held = [
        {
            "id": uuid4(),
            "org_id": company.id,
            "technician_id": one["id"],
            "skill_id": skill,
            "level": 1,
        }
        for one in technicians
        for skill in skills[: pick.randint(0, 3)]
    ]
    connection = await asyncpg.connect(server.database.admin)
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for table, rows in (
            ("customers", customers),
            ("invoices", invoices),
            ("skills", [{"id": s, "org_id": company.id, "name": str(s)} for s in skills]),
            ("technicians", technicians),
            ("technician_skills", held),
        ):
            names = list(rows[0])
            places = ", ".join(f"${n + 1}" for n in range(len(names)))
            await connection.executemany(
                f"insert into {table} ({', '.join(names)}) values ({places})",
                [tuple(row[name] for name in names) for row in rows],
            )
    await connection.close()
    for one in technicians:
        one["skills"] = {link["skill_id"] for link in held if link["technician_id"] == one["id"]}
    return {"customers": customers, "invoices": invoices, "technicians": technicians}


VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**18, 10**19, 1e300, "", "lee", "%", "\\", "'; drop table",
    "é", "\ud800", "\x00", "active", "today", "-7d", "+99999y", "this_week", "0000-00-00", "now",
    "-99999h", "2026-11-23", "9999-12-31", "0001-01-01T00:00:00+23:59", "2026-11-23T08:00:00Z",
    "12.50", "-3", "1e5", "018f3c9e-7b1a-7c1d-8e2f-0a1b2c3d4e5f", [], {}, [[]], "x" * 1001,
)  # fmt: skip


def anything(pick: random.Random, fields: Fields, depth: int = 0) -> Any:
    """A tree that is mostly right, and wrong in every way."""
    shape = pick.random()
    if shape < 0.45 - depth * 0.04:
        inner = [anything(pick, fields, depth + 1) for _ in range(pick.randint(0, 3))]
        return {pick.choice(["and", "or", "and", "xor"]): inner}
    if shape < 0.5:
        return {"not": anything(pick, fields, depth + 1)}
    if shape < 0.53:
        return pick.choice(VALUES)
    value = pick.choice(VALUES)
    if pick.random() < 0.3:
        value = [pick.choice(VALUES) for _ in range(pick.randint(0, 3))]
    made: dict[str, Any] = {
        "field": pick.choice([*fields, "no_such"]),
        "op": pick.choice([*Op, "like"]),
        "value": value,
    }
    if pick.random() < 0.05:
        made.pop(pick.choice(list(made)))
    return made
