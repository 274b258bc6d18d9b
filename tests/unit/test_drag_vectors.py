"""The cases by which clients test their reckoning of a drag are what the server's evaluation makes, and they
meet whatever can come of one."""

import json

from tests.support.drag_cases import VECTORS, vectors

CODES = {
    "illegal_transition", "work_order_ended", "technician_inactive", "locked", "do_not_service",
    "credit_hold", "outside_access_hours", "skill_missing", "double_booking",
}  # fmt: skip
WARNINGS = {
    "overtime", "outside_shift", "no_room_for_break", "crew_incomplete", "outside_promise",
}  # fmt: skip


def test_the_cases_are_what_the_server_reckons() -> None:
    written = VECTORS.read_text(encoding="utf-8")
    assert json.loads(written) == json.loads(vectors()), "python -m tests.support.drag_cases"
    told = [one["consequence"] for one in json.loads(written)["cases"]]
    assert {one["refusal"]["code"] for one in told if one["refusal"]} == CODES
    assert {warned["code"] for one in told for warned in one["warnings"]} == WARNINGS
    stops = [stop for one in told for stop in one["stops"]]
    assert {stop["source"] for stop in stops} == {"estimate", "assumed", "provider"}
    moves = [move for one in told for move in one["moves"]]
    assert {True, False} == {one["late"] for one in moves} == {one["late"] for one in stops}
    assert min(one["minutes"] for one in moves) < 0 < max(one["minutes"] for one in moves)
    assert any(one["unseen"] for one in told)
