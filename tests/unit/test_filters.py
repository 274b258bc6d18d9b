"""Filters as a tree: what is read, what is refused and where, and which days are meant."""

import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql

from app.core import filters
from app.core.errors import Invalid
from app.core.filters import days
from app.core.filters.fields import OPERATORS, Kind
from app.services.customers import CustomerQuery
from app.services.invoices import InvoiceQuery
from app.services.technicians import TechnicianQuery
from tests.support.deep import times
from tests.support.filtering import anything

CLOCK = filters.Clock(datetime(2026, 11, 23, 2, 30, tzinfo=UTC), "America/Chicago")  # Sunday there
FIELDS = {
    **CustomerQuery.filterable(),
    **InvoiceQuery.filterable(),
    **TechnicianQuery.filterable(),
}


def leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def test_every_kind_of_field_and_every_operator_is_there() -> None:
    assert {field.kind for field in FIELDS.values()} == set(Kind)
    assert {op for ops in OPERATORS.values() for op in ops} == set(filters.Op)
    assert len(filters.Op) >= 15


def nested(depth: int) -> Any:
    return leaf("name", "eq", "x") if depth == 1 else {"not": nested(depth - 1)}


@pytest.mark.parametrize(
    ("tree", "pointer", "code"),
    [
        ([], "", "not_a_condition"),
        ({}, "", "not_a_condition"),
        ({"and": []}, "/and", "not_a_list"),
        ({"and": [{"or": [leaf("shoe_size", "eq", 1)]}]}, "/and/0/or/0/field", "unknown_field"),
        ({"not": leaf("tax_exempt", "contains", "x")}, "/not/op", "unknown_operator"),
        (leaf("name", "like", "x"), "/op", "unknown_operator"),
        (leaf("name", "eq"), "/value", "no_value"),
        (leaf("name", "eq", ""), "/value", "not_text"),
        (leaf("name", "eq", "a\x00b"), "/value", "invalid_character"),
        (leaf("stage", "in", ["active", "asleep"]), "/value/1", "unknown_choice"),
        (leaf("total", "gt", 12.5), "/value", "not_a_number"),
        (leaf("total", "gt", 10**30), "/value", "not_a_number"),
        (leaf("total", "gt", 2**63), "/value", "too_big"),
        (leaf("total", "between", [2, 1]), "/value", "wrong_way_round"),
        (leaf("total", "in", []), "/value", "not_a_list"),
        (leaf("due_on", "eq", "2026-02-30"), "/value", "not_a_time"),
        (leaf("due_on", "eq", "-9999y"), "/value", "not_a_time"),
        (leaf("created_at", "lt", "2026-11-23T08:00:00"), "/value", "not_a_time"),
        (leaf("parent_id", "eq", "17"), "/value", "not_an_id"),
        (leaf("skills", "has", ["x"]), "/value", "not_an_id"),
        ({"and": [leaf("name", "eq", "x")] * 51}, "/and", "too_many"),
        ({"or": [{"and": [leaf("name", "eq", "x")] * 26}] * 2}, "/or/1/and/24", "too_many"),
        (nested(9), "/not" * 8, "too_deep"),
        ({"and": [leaf("name", "eq", "x")], "or": []}, "", "not_a_condition"),
        (leaf("name", "eq", "x") | {"fold": True}, "", "not_a_condition"),
    ],
)
def test_what_cannot_be_meant_is_pointed_at(tree: Any, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        filters.read(json.dumps(tree), FIELDS, CLOCK)
    (error,) = refused.value.errors
    assert (error.pointer, error.code) == (f"?filter{pointer}", code)
    assert error.detail.endswith((".", "}")), error.detail


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 8000, '{"a":1,"a":2}', "NaN", "9" * 5000, "x" * 9000]
)
def test_what_is_no_json_is_said_so(text: str) -> None:
    with pytest.raises(Invalid):
        filters.read(text, FIELDS, CLOCK)


@pytest.mark.parametrize(
    ("word", "low", "high"),
    [
        ("today", date(2026, 11, 22), None),  # it is Sunday evening in Chicago
        ("yesterday", date(2026, 11, 21), None),
        ("-7d", date(2026, 11, 15), None),
        ("+3d", date(2026, 11, 25), None),
        ("-2w", date(2026, 11, 8), None),
        ("+3m", date(2027, 2, 22), None),
        ("-1y", date(2025, 11, 22), None),
        ("this_week", date(2026, 11, 16), date(2026, 11, 23)),
        ("last_week", date(2026, 11, 9), date(2026, 11, 16)),
        ("next_week", date(2026, 11, 23), date(2026, 11, 30)),
        ("this_month", date(2026, 11, 1), date(2026, 12, 1)),
        ("last_month", date(2026, 10, 1), date(2026, 11, 1)),
        ("this_quarter", date(2026, 10, 1), date(2027, 1, 1)),
        ("next_year", date(2027, 1, 1), date(2028, 1, 1)),
    ],
)
def test_relative_days_are_days_of_the_zone(word: str, low: date, high: date | None) -> None:
    assert days.day(word, CLOCK) == days.Span(low, high)


def test_a_month_before_the_31st_is_the_last_of_the_month() -> None:
    clock = filters.Clock(datetime(2026, 3, 31, 12, tzinfo=UTC), "UTC")
    assert days.day("-1m", clock).low == date(2026, 2, 28)


def test_a_day_of_an_instant_is_the_whole_day_also_when_the_clocks_change() -> None:
    span = days.instant("2026-11-01", CLOCK)
    assert (span.low, span.high) == (
        datetime(2026, 11, 1, 5, tzinfo=UTC),
        datetime(2026, 11, 2, 6, tzinfo=UTC),  # 25 hours
    )


def test_whatever_is_sent_is_refused_or_becomes_sql() -> None:
    """D7: nothing but a refusal with a pointer, or a statement that binds all its values."""
    pick, read, pointers = random.Random(7), 0, set()
    for _ in range(times(2_000, deep=100_000)):
        text = json.dumps(anything(pick, FIELDS))
        try:
            tree = filters.read(text, FIELDS, CLOCK)
        except Invalid as refusal:
            pointers.add(refusal.errors[0].pointer.partition("/")[0])
        else:
            read += 1
            sql = str(filters.condition(tree).compile(dialect=postgresql.dialect()))
            assert "drop table" not in sql
    assert read > 100
    assert pointers == {"?filter"}
