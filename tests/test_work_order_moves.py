"""How work orders move: by the verbs of people, and by what happens to their visits."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.core import clock
from tests.support.field import VISITS, did
from tests.support.people import Company, Person
from tests.support.stages import visit
from tests.support.work import ORDERS, Work, some_work

REASON = {"reason": "The customer asked"}
VERBS = ("ready", "hold", "release", "complete", "reopen", "approve", "close", "cancel")
LEGAL = {
    "draft": {"ready": "ready", "cancel": "canceled"},
    "ready": {"hold": "on_hold", "cancel": "canceled"},
    "scheduled": {"hold": "on_hold", "cancel": "canceled"},
    "in_progress": {"hold": "on_hold", "complete": "completed", "cancel": "canceled"},
    "on_hold": {"release": "ready", "cancel": "canceled"},
    "completed": {"reopen": "in_progress", "approve": "approved"},
    "approved": {"close": "closed"},
    "closed": {},
    "canceled": {},
}
"""The state machine of the design, written out: verb by verb, where it leads."""


async def said(person: Person, order: Any, verb: str, body: dict[str, Any] | None = None) -> Any:
    if verb in ("hold", "reopen", "cancel"):
        body = REASON | (body or {})
    return await person.post(f"{ORDERS}/{order['id']}/{verb}", json=body)


async def done(person: Person, order: Any, *verbs: str) -> Any:
    for verb in verbs:
        reply = await said(person, order, verb)
        assert reply.status_code == 200, (verb, reply.text)
        order = reply.json()
    return order


async def an_order(company: Company, work: Work, status: str) -> Any:
    """A work order in `status`, brought there by the way that people take."""
    person = work.person
    order = await work.order(
        status="draft" if status == "draft" else "ready",
        checklist=[{"title": "Photo", "required": status == "in_progress"}],
    )
    for visit_status in {
        "scheduled": ["scheduled"],
        "in_progress": ["completed"],
        "completed": ["completed"],
        "approved": ["completed"],
        "closed": ["completed"],
    }.get(status, []):
        await visit(company, order, visit_status)
    verbs = {
        "on_hold": ["hold"],
        "canceled": ["cancel"],
        "approved": ["approve"],
        "closed": ["approve", "close"],
    }
    await done(person, order, *verbs.get(status, []))
    order = await person.got(f"{ORDERS}/{order['id']}")
    assert order["status"] == status
    return order


async def facts(person: Person, order: Any) -> list[str]:
    """The facts of its story about itself, oldest first."""
    story = (await person.got(f"{ORDERS}/{order['id']}/timeline"))["data"]
    return [one["fact"] for one in reversed(story) if one["entity"] == "work_order"]


@pytest.mark.parametrize("status", LEGAL)
async def test_a_verb_is_legal_or_refused_in_each_status(acme: Company, status: str) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await an_order(acme, work, status)
    assert order["allowed_transitions"] == sorted(LEGAL[status])
    for verb in (verb for verb in VERBS if verb not in LEGAL[status]):
        reply = await said(olga, order, verb)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (409, "illegal_transition")
        assert (problem["status_now"], problem["legal_now"]) == (status, sorted(LEGAL[status]))
        assert status not in problem["legal_from"]
    assert await olga.got(f"{ORDERS}/{order['id']}") == order
    for verb, target in LEGAL[status].items():
        order = await an_order(acme, work, status)
        waived = {"waived": "The photo was lost"} if verb == "complete" else None
        reply = await said(olga, order, verb, waived)
        assert (reply.status_code, reply.json()["status"]) == (200, target)
        assert reply.json()["version"] == order["version"] + 1


async def test_the_status_follows_the_visits_from_ready_to_completed(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order()
    path = f"{ORDERS}/{order['id']}"

    async def status() -> str:
        return str((await olga.got(path))["status"])

    first = await visit(acme, order, "unscheduled")
    assert await status() == "ready"
    await did(olga, await visit(acme, order, "dispatched"), "cancel", reason="Too early")
    assert await status() == "ready"
    first = await visit(acme, order, "en_route")
    assert await status() == "in_progress"
    await did(olga, first, "divert")
    assert await status() == "scheduled"
    for verb in ("en-route", "arrive", "start"):
        await did(olga, first, verb)
    stopped = await did(olga, first, "incomplete", reason="A part is missing")
    assert await status() == "ready"
    second = await visit(acme, order, "scheduled")
    assert await status() == "scheduled"
    await did(olga, second, "cancel", reason="Too late")
    third = await visit(acme, order, "completed")
    assert await status() == "in_progress"
    seen = await olga.got(path)
    [waiting] = [one for one in seen["visits"] if one["status"] == "unscheduled"]
    await did(olga, waiting, "cancel", reason="Done at once")
    seen = await olga.got(path)
    assert (seen["status"], seen["version"]) == ("completed", 1)
    assert seen["completed_at"] == max(stopped["finished_at"], third["finished_at"])
    fourth = await visit(acme, order, "unscheduled")
    seen = await olga.got(path)
    assert (seen["status"], seen["completed_at"]) == ("in_progress", None)
    await did(olga, fourth, "cancel", reason="Not needed")
    assert await status() == "completed"
    await did(olga, third, "reopen", reason="The lid leaks")
    assert await status() == "in_progress"

    assert await facts(olga, order) == [
        "work_order.created",
        "work_order.scheduled", "work_order.ready",
        "work_order.scheduled", "work_order.in_progress", "work_order.scheduled",
        "work_order.in_progress", "work_order.ready",
        "work_order.scheduled", "work_order.ready",
        "work_order.scheduled", "work_order.in_progress", "work_order.completed",
        "work_order.in_progress", "work_order.completed", "work_order.in_progress",
    ]  # fmt: skip
    history = (await olga.got(f"{path}/history"))["data"]
    assert [one["changes"] for one in history if one["action"] == "updated"][-1] == {
        "status": ["ready", "scheduled"]
    }
    assert {one["version"] for one in history} == {1}


async def test_what_follows_from_visits_makes_nobodys_version_stale(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order()
    path = f"{ORDERS}/{order['id']}"
    seen = order["version"]
    await visit(acme, order, "working")
    changed = await olga.patched(path, seen, {"description": "Bring the long hose."})
    assert (changed["status"], changed["version"]) == ("in_progress", seen + 1)

    held = await olga.post(f"{path}/hold", json=REASON, headers={"If-Match": f'"v{seen + 1}"'})
    assert (held.status_code, held.json()["version"]) == (200, seen + 2)
    stale = await olga.patch(path, json={"summary": "x"}, headers={"If-Match": f'"v{seen + 1}"'})
    assert (stale.status_code, stale.json()["current"]["status"]) == (412, "on_hold")
    stale = await olga.post(f"{path}/release", headers={"If-Match": f'"v{seen + 1}"'})
    assert stale.status_code == 412


async def test_two_last_visits_that_end_at_once_complete_it(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    for _ in range(3):
        order = await work.order()
        pair = [await visit(acme, order, "working") for _ in range(2)]
        await asyncio.gather(*(did(olga, one, "complete") for one in pair))
        assert (await olga.got(f"{ORDERS}/{order['id']}"))["status"] == "completed"


async def test_a_required_step_keeps_it_open_until_it_is_done(acme: Company) -> None:
    dana, olga = await acme.person("dispatcher"), await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order(checklist=[{"title": "Photo", "required": True}, {"title": "Sweep"}])
    path = f"{ORDERS}/{order['id']}"
    going, other = await visit(acme, order, "working"), await visit(acme, order, "on_site")

    gate = await dana.post(f"{path}/complete")
    assert (gate.status_code, gate.json()["code"]) == (409, "gate")
    assert [(one["pointer"], one["code"]) for one in gate.json()["errors"]] == [
        (f"/visits/{going['id']}", "open_visit"),
        (f"/visits/{other['id']}", "open_visit"),
        ("/visits", "no_completed_visit"),
        (f"/checklist/{order['checklist'][0]['id']}", "required_item"),
    ]
    waived = await olga.post(f"{path}/complete", json={"waived": "No camera"})
    assert (waived.status_code, waived.json()["code"]) == (409, "gate")

    await did(olga, going, "complete")
    await did(olga, other, "no-access", reason="The gate was locked")
    gate = await dana.post(f"{path}/complete")
    assert [one["detail"] for one in gate.json()["errors"]] == ["“Photo” is not done."]
    assert "“Photo” is not done." in gate.json()["detail"]
    refused = await dana.post(f"{path}/complete", json={"waived": "No camera"})
    assert (refused.status_code, refused.json()["permission"]) == (403, "work-orders:approve")

    photo = f"{path}/checklist-items/{order['checklist'][0]['id']}"
    await dana.made(f"{photo}/done")
    seen = await olga.got(path)
    assert (seen["status"], seen["version"]) == ("completed", 1)


async def test_a_missing_step_can_be_waived_with_a_reason(acme: Company) -> None:
    olga = await acme.person("owner")
    order = await an_order(acme, await some_work(acme, olga), "in_progress")
    earlier = (clock.now() - timedelta(hours=3)).replace(microsecond=0)
    path = f"{ORDERS}/{order['id']}"
    completed = await olga.made(
        f"{path}/complete", {"waived": "No camera", "occurred_at": earlier.isoformat()}
    )
    assert (completed["status"], completed["status_reason"]) == ("completed", "No camera")
    assert completed["completed_at"] == earlier.isoformat(timespec="microseconds").replace(
        "+00:00", "Z"
    )
    story = (await olga.got(f"{path}/timeline"))["data"]
    assert story[0]["sentence"] == (
        f"Work order {order['number']} is complete, although steps are missing: No camera."
    )
    assert story[0]["occurred_at"] == completed["completed_at"]


async def test_reopened_work_completes_again_when_its_last_visit_ends(acme: Company) -> None:
    olga = await acme.person("owner")
    order = await an_order(acme, await some_work(acme, olga), "completed")
    path = f"{ORDERS}/{order['id']}"
    [over] = order["visits"]
    finished = (await olga.got(f"{VISITS}/{over['id']}"))["finished_at"]
    assert order["completed_at"] == finished < order["updated_at"]
    reopened = await olga.made(f"{path}/reopen", {"reason": "The lid leaks"})
    assert (reopened["completed_at"], reopened["status_reason"]) == (None, "The lid leaks")
    await visit(acme, order, "completed")
    again = await olga.got(path)
    assert (again["status"], again["status_reason"]) == ("completed", None)
    assert again["version"] == reopened["version"]


async def test_on_hold_keeps_its_visits_and_goes_on_where_they_are(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order()
    path = f"{ORDERS}/{order['id']}"
    one = await visit(acme, order, "scheduled")
    held = await olga.made(f"{path}/hold", {"reason": "Waiting for the permit"})
    assert (held["status"], held["visits"][0]["status"]) == ("on_hold", "scheduled")
    await did(olga, one, "en-route")
    assert (await olga.got(path))["status"] == "on_hold"
    released = await olga.made(f"{path}/release")
    assert (released["status"], released["status_reason"]) == ("in_progress", None)
    await olga.made(f"{path}/hold", {"reason": "Waiting for a part"})
    for verb in ("arrive", "start", "complete"):
        await did(olga, one, verb)
    finished = await olga.made(f"{path}/release")
    assert finished["status"] == "completed"
    assert finished["completed_at"] is not None
    assert (await facts(olga, order))[-2:] == ["work_order.released", "work_order.completed"]
    story = (await olga.got(f"{path}/timeline"))["data"]
    assert f"Work order {order['number']} was put on hold: Waiting for a part." in [
        told["sentence"] for told in story
    ]


async def test_cancelling_takes_the_visits_along_and_frees_their_time(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order, other = await work.order(), await work.order()
    path = f"{ORDERS}/{order['id']}"
    over, planned = await visit(acme, order, "no_access"), await visit(acme, order, "dispatched")
    [assignment] = planned["assignments"]
    plan = {"technician_ids": [assignment["technician_id"]], "start": planned["planned_start"]}
    waiting = await visit(acme, other, "unscheduled")
    taken = await olga.post(
        f"{VISITS}/{waiting['id']}/schedule", json=plan, headers={"If-Match": '"v1"'}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "double_booking")

    canceled = await olga.made(f"{path}/cancel", {"reason": "Sold the house"})
    assert (canceled["status"], canceled["status_reason"]) == ("canceled", "Sold the house")
    assert {one["id"]: one["status"] for one in canceled["visits"]} == {
        over["id"]: "no_access", planned["id"]: "canceled",
    }  # fmt: skip
    story = (await olga.got(f"{path}/timeline"))["data"]
    assert [one["sentence"] for one in story[:2]] == [
        "The visit was cancelled: Sold the house.",
        f"Work order {order['number']} was cancelled: Sold the house.",
    ]
    await did(olga, waiting, "schedule", **plan)
    changed = await olga.patch(
        path, json={"summary": "x"}, headers={"If-Match": f'"v{canceled["version"]}"'}
    )
    assert (changed.status_code, changed.json()["code"]) == (409, "work_order_ended")


async def test_cancelling_and_setting_off_cannot_pass_each_other(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    for _ in range(5):
        order = await work.order()
        planned = await visit(acme, order, "scheduled")
        replies = await asyncio.gather(
            olga.post(f"{ORDERS}/{order['id']}/cancel", json=REASON),
            olga.post(f"{VISITS}/{planned['id']}/en-route", json={}),
        )
        assert sorted(reply.status_code for reply in replies) == [200, 409]


async def test_nobody_is_left_at_work_on_a_cancelled_order(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order()
    going = await visit(acme, order, "en_route")
    refused = await olga.post(f"{ORDERS}/{order['id']}/cancel", json=REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_begun")
    assert [one["pointer"] for one in refused.json()["errors"]] == [f"/visits/{going['id']}"]


async def billed(person: Person, order: Any, *steps: tuple[str, dict[str, Any]]) -> str:
    """An invoice over 100.00 that went through `steps`; its address."""
    line = {"description": "Pumping", "unit_price": "100"}
    made = await person.made(f"{ORDERS}/{order['id']}/invoices", {"lines": [line]})
    for verb, body in steps:
        await person.made(f"/api/v2/invoices/{made['id']}/{verb}", body)
    return f"/api/v2/invoices/{made['id']}"


ISSUED = ("issue", {})
VOID = ("void", {"reason": "Wrong customer"})


def paid(amount: int) -> tuple[str, dict[str, Any]]:
    return ("payments", {"amount": amount, "method": "check"})


@pytest.mark.parametrize(
    ("steps", "closes", "cancels"),
    [
        ([], "draft_invoice", None),
        ([ISSUED], "open_balance", "open_balance"),
        ([ISSUED, paid(4_000)], "open_balance", "open_balance"),
        ([ISSUED, paid(4_000), paid(6_000)], None, None),
        ([ISSUED, VOID], None, None),
    ],
    ids=["draft", "issued", "partly paid", "paid", "void"],
)
async def test_money_that_is_owed_keeps_it_open(
    acme: Company, steps: list[Any], closes: str | None, cancels: str | None
) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    outcomes = []
    for before, verb in (("approved", "close"), ("ready", "cancel")):
        order = await an_order(acme, work, before)
        invoice = await billed(olga, order, *steps)
        problem = (await said(olga, order, verb)).json()
        found = [(error["pointer"], error["code"]) for error in problem.get("errors", [])]
        assert problem.get("code", "not_settled") == "not_settled"
        outcomes.append((found, invoice.removeprefix("/api/v2")))
    for (found, invoice), code in zip(outcomes, (closes, cancels), strict=True):
        assert found == ([(invoice, code)] if code else [])


async def test_nothing_is_billed_on_closed_work(acme: Company) -> None:
    olga = await acme.person("owner")
    order = await an_order(acme, await some_work(acme, olga), "approved")
    draft = await billed(olga, order)
    assert (await olga.delete(draft)).status_code == 204
    await done(olga, order, "close")
    for path in (f"{draft}/restore", f"{ORDERS}/{order['id']}/invoices"):
        refused = await olga.post(path, json={} if path.endswith("invoices") else None)
        assert (refused.status_code, refused.json()["code"]) == (409, "work_order_closed")


async def test_a_draft_and_the_closing_of_its_work_cannot_pass_each_other(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    for _ in range(5):
        order = await an_order(acme, work, "approved")
        path = f"{ORDERS}/{order['id']}"
        replies = await asyncio.gather(
            olga.post(f"{path}/close"), olga.post(f"{path}/invoices", json={})
        )
        assert sorted(reply.status_code // 100 for reply in replies) == [2, 4]


async def test_approved_work_takes_no_more_visits(acme: Company) -> None:
    olga = await acme.person("owner")
    order = await an_order(acme, await some_work(acme, olga), "approved")
    [over] = order["visits"]
    new = await olga.post(VISITS, json={"work_order_id": order["id"]})
    again = await olga.post(f"{VISITS}/{over['id']}/reopen", json=REASON)
    for reply in (new, again):
        assert (reply.status_code, reply.json()["code"]) == (409, "work_order_ended")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("owner", {"write", "approve"}),
        ("manager", {"write", "approve"}),
        ("dispatcher", {"write"}),
        ("accountant", {"approve"}),
        ("technician", set()),
        ("viewer", set()),
    ],
)
async def test_each_verb_asks_for_its_permission(acme: Company, role: str, may: set[str]) -> None:
    olga, person = await acme.person("owner"), await acme.person(role, f"{role} who asks")
    work = await some_work(acme, olga)
    order = await work.order(status="draft")
    allowed = set()
    for verb in VERBS:
        reply = await said(person, order, verb)
        assert reply.status_code in (200, 403, 404, 409), reply.text
        allowed |= {verb} if reply.status_code != 403 else set()
    expected = {
        *(("ready", "hold", "release", "complete", "reopen", "cancel") if "write" in may else ()),
        *(("approve", "close") if "approve" in may else ()),
    }
    assert allowed == expected


async def test_what_did_not_happen_yet_is_refused(acme: Company) -> None:
    olga = await acme.person("owner")
    work = await some_work(acme, olga)
    order = await work.order()
    path = f"{ORDERS}/{order['id']}"
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    future = await olga.post(f"{path}/hold", json=REASON | {"occurred_at": tomorrow})
    assert (future.status_code, future.json()["errors"][0]["pointer"]) == (422, "/occurred_at")
    silent = await olga.post(f"{path}/hold", json={})
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert (await olga.post(f"{path}/hold")).status_code == 422
