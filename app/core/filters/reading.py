"""Reading a filter: JSON against the fields of a list, with limits and clear refusals."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn
from uuid import UUID

from app.core.errors import FieldError, Invalid
from app.core.filters import days
from app.core.filters.days import Clock
from app.core.filters.fields import OPERATORS, Fields, FilterField, Kind, Op
from app.core.filters.trees import And, Leaf, Node, Not, Or, Span

LONGEST = 8192
"""Bytes of a filter."""
DEEPEST = 8
"""Levels, the conditions included."""
MOST_CONDITIONS = 50
MOST_VALUES = 200
"""Values of one `in`."""
LONGEST_TEXT = 1000
BIGGEST = 2**63 - 1


def read(text: str, fields: Fields, clock: Clock, *, at: str = "?filter") -> Node:
    """The tree that a text means. Raises `Invalid`, with a pointer that begins with `at`."""
    size = len(text.encode(errors="replace"))
    if size > LONGEST:
        raise _refusal(at, "too_long", f"The filter has {size} bytes; at most {LONGEST} are read.")
    try:
        tree = json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise _refusal(
            at,
            "not_json",
            f"The filter is not JSON: {error.msg} at character {error.pos}. Write it like"
            ' {"field": "name", "op": "contains", "value": "lee"}.',
        ) from error
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _TwoReadings) else "it is beyond reason."
        raise _refusal(at, "not_json", f"The filter cannot be read: {said}") from error
    return build(tree, fields, clock, at=at)


class _TwoReadings(ValueError):
    """JSON that two readers could understand differently."""


def _no_constant(name: str) -> NoReturn:
    raise _TwoReadings(f"{name} is not a number.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _TwoReadings("an object has a key twice.")
    return dict(pairs)


def build(tree: Any, fields: Fields, clock: Clock, *, at: str = "/filter") -> Node:
    """The same for JSON that has been read already."""
    return _Builder(fields, clock, at).node(tree, "", 1)


class _Builder:
    def __init__(self, fields: Fields, clock: Clock, root: str) -> None:
        self._fields, self._clock, self._root = fields, clock, root
        self._conditions = 0

    def node(self, tree: Any, path: str, depth: int) -> Node:
        if depth > DEEPEST:
            raise self._wrong(path, "too_deep", f"A filter nests at most {DEEPEST} levels.")
        if not isinstance(tree, dict):
            raise self._wrong(path, "not_a_condition", f"This must be an object: {SHAPES}.")
        keys = set(tree)
        if keys == {"not"}:
            return Not(self.node(tree["not"], f"{path}/not", depth + 1))
        for word, made in (("and", And), ("or", Or)):
            if keys == {word}:
                return made(self._group(tree[word], f"{path}/{word}", depth))
        if "field" in keys and keys <= {"field", "op", "value"}:
            return self._leaf(tree, path)
        raise self._wrong(path, "not_a_condition", f"This must be one of: {SHAPES}.")

    def _group(self, inner: Any, path: str, depth: int) -> tuple[Node, ...]:
        if not isinstance(inner, list) or not inner:
            raise self._wrong(path, "not_a_list", "Give a list of at least one condition.")
        if len(inner) > MOST_CONDITIONS:
            raise self._too_many(path)
        return tuple(self.node(one, f"{path}/{n}", depth + 1) for n, one in enumerate(inner))

    def _too_many(self, path: str) -> Invalid:
        return self._wrong(path, "too_many", f"A filter has at most {MOST_CONDITIONS} conditions.")

    def _leaf(self, tree: dict[str, Any], path: str) -> Leaf:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise self._too_many(path)
        name = tree["field"]
        field = self._fields.get(name) if isinstance(name, str) else None
        if field is None:
            known = ", ".join(sorted(self._fields))
            raise self._wrong(
                f"{path}/field", "unknown_field", f"{_shown(name)} is no field here. Use: {known}."
            )
        op = self._operator(tree, name, field, path)
        given, there = tree.get("value"), f"{path}/value"
        if op is Op.is_null:
            if given is None and "value" not in tree:
                given = True
            if not isinstance(given, bool):
                raise self._wrong(there, "not_bool", "is_null takes true or false.")
            return Leaf(name, field, op, empty=given)
        if given is None:
            raise self._wrong(
                there, "no_value", f"{op} needs a value. To find rows without one, use is_null."
            )
        if op in (Op.among, Op.not_in, Op.any_of):
            values = self._list(given, field, op, there)
        elif op is Op.between:
            values = self._both(given, field, there)
        else:
            values = (self._value(given, field, there),)
        return Leaf(name, field, op, values)

    def _operator(self, tree: dict[str, Any], name: str, field: FilterField, path: str) -> Op:
        given = tree.get("op")
        possible = OPERATORS[field.kind]
        if not isinstance(given, str) or given not in possible:
            listed = ", ".join(possible)
            raise self._wrong(
                f"{path}/op",
                "unknown_operator",
                f"{_shown(given)} does not go with “{name}”, which is {_A[field.kind]}."
                f" Use: {listed}.",
            )
        return Op(given)

    def _list(self, given: Any, field: FilterField, op: Op, path: str) -> tuple[Span, ...]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_VALUES:
            raise self._wrong(
                path, "not_a_list", f"{op} takes a list of 1 to {MOST_VALUES} values."
            )
        return tuple(self._value(one, field, f"{path}/{n}") for n, one in enumerate(given))

    def _both(self, given: Any, field: FilterField, path: str) -> tuple[Span, ...]:
        if not isinstance(given, list) or len(given) != 2:
            raise self._wrong(
                path, "not_a_list", "between takes a list of two values, both included."
            )
        low, high = (self._value(one, field, f"{path}/{n}") for n, one in enumerate(given))
        if field.kind is not Kind.text and low.low > high.low:
            raise self._wrong(
                path, "wrong_way_round", "The first value of between is the smaller one."
            )
        return low, high

    def _value(self, given: Any, field: FilterField, path: str) -> Span:
        match field.kind:
            case Kind.text:
                return Span(self._text(given, path))
            case Kind.choice:
                if not isinstance(given, str) or given not in field.choices:
                    listed = ", ".join(field.choices)
                    raise self._wrong(
                        path, "unknown_choice", f"{_shown(given)} is none of: {listed}."
                    )
                return Span(given)
            case Kind.number | Kind.money:
                return Span(self._number(given, field, path))
            case Kind.flag:
                if not isinstance(given, bool):
                    raise self._wrong(path, "not_bool", "Send true or false.")
                return Span(given)
            case Kind.id | Kind.many:
                return Span(self._id(given, path))
            case Kind.day | Kind.instant:
                return self._time(given, field, path)

    def _text(self, given: Any, path: str) -> str:
        if not isinstance(given, str) or not given or len(given) > LONGEST_TEXT:
            raise self._wrong(
                path,
                "not_text",
                f"Send a text of 1 to {LONGEST_TEXT} characters. To find rows without one, use"
                " is_null.",
            )
        if "\x00" in given or not _is_whole(given):
            raise self._wrong(
                path, "invalid_character", "This text has a character no record can hold."
            )
        return given

    def _number(self, given: Any, field: FilterField, path: str) -> int | Decimal:
        what = "a whole number" if field.whole else "a number, such as 12.5"
        if field.kind is Kind.money:
            what = "an amount in minor units, such as 12550 for 125.50"
        number = _decimal(given)
        if number is None or (field.whole and number != number.to_integral_value()):
            raise self._wrong(path, "not_a_number", f"Send {what}.")
        if abs(number) > BIGGEST:
            raise self._wrong(path, "too_big", "This number is bigger than any that is kept.")
        return int(number) if field.whole else number

    def _id(self, given: Any, path: str) -> UUID:
        if isinstance(given, str) and re.fullmatch(_UUID, given):
            return UUID(given)
        raise self._wrong(
            path, "not_an_id", "Send an id, such as 018f3c9e-7b1a-7c1d-8e2f-0a1b2c3d4e5f."
        )

    def _time(self, given: Any, field: FilterField, path: str) -> Span:
        try:
            if field.kind is Kind.day:
                return days.day(given, self._clock)
            return days.instant(given, self._clock)
        except ValueError as error:
            raise self._wrong(path, "not_a_time", str(error)) from error

    def _wrong(self, path: str, code: str, detail: str) -> Invalid:
        return _refusal(f"{self._root}{path}", code, detail)


SHAPES = (
    '{"and": […]}, {"or": […]}, {"not": {…}}, {"field": "name", "op": "contains", "value": "lee"}'
)
_A = {
    Kind.text: "a text",
    Kind.choice: "one of several values",
    Kind.number: "a number",
    Kind.money: "an amount",
    Kind.day: "a day",
    Kind.instant: "a time",
    Kind.flag: "true or false",
    Kind.id: "an id",
    Kind.many: "a set of records",
}
_UUID = r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}"


def _decimal(given: Any) -> Decimal | None:
    """A number as it was written; a text only where it could not be another thing."""
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal | str):
        return None
    if isinstance(given, str) and not re.fullmatch(r"-?[0-9]{1,19}(\.[0-9]{1,9})?", given):
        return None
    try:
        number = Decimal(str(given))
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or number.adjusted() > 20 or _places(number) > 20:
        return None
    return number


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _is_whole(text: str) -> bool:
    """Whether it has no half of a surrogate pair."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _shown(given: Any) -> str:
    if given is None:
        return "Nothing"
    text = given if isinstance(given, str) else json.dumps(given, default=str)
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return f"“{short.encode(errors='replace').decode()}”"


def _refusal(pointer: str, code: str, detail: str) -> Invalid:
    return Invalid(detail, code="bad_filter", errors=[FieldError(pointer, code, detail)])
