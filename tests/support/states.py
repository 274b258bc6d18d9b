"""Fresh records, each in a state in which a route can succeed: `call = await fresh(world, route)`.

A route on a record gets a new record, made by the creation route of its collection; what has to
happen to it first stands in `BEFORE`. The test that every operation can succeed holds this table to
the routes: a new verb fails there with a sentence until its line is here.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.models.bulk import BulkAction, BulkStatus
from app.models.imports import Import, ImportStatus
from app.models.jobs import Job, JobStatus
from app.models.samples import Sample, SampleStatus
from tests.support import exports
from tests.support.coming_in import COMING_IN
from tests.support.people import PASSWORD, sign_in
from tests.support.pictures import make_png
from tests.support.routes import Route
from tests.support.world import (
    Call,
    World,
    a_command,
    a_geofence_event,
    creations,
    resource_of,
)

HERE = "tests/support/states.py"

SCHEDULED = ("schedule_visit",)
DISPATCHED = (*SCHEDULED, "dispatch_visit")
TRAVELLING = (*DISPATCHED, "set_off_for_visit")
THERE = (*TRAVELLING, "arrive_at_visit")
WORKING = (*THERE, "start_visit")

BEFORE: dict[str, tuple[str, ...]] = {
    "unschedule_visit": SCHEDULED,
    "move_visit": SCHEDULED,
    "resize_visit": SCHEDULED,
    "assign_visit": SCHEDULED,
    "swap_visits": SCHEDULED,
    "split_visit": SCHEDULED,
    "lock_visit": SCHEDULED,
    "unlock_visit": (*SCHEDULED, "lock_visit"),
    "extend_visit": WORKING,
    "get_eta": DISPATCHED,
    "confirm_visit": SCHEDULED,
    "dispatch_visit": SCHEDULED,
    "recall_visit": DISPATCHED,
    "accept_visit": DISPATCHED,
    "decline_visit": DISPATCHED,
    "set_off_for_visit": DISPATCHED,
    "divert_from_visit": TRAVELLING,
    "arrive_at_visit": TRAVELLING,
    "start_visit": THERE,
    "report_no_access": THERE,
    "report_no_show": THERE,
    "pause_visit": WORKING,
    "complete_visit": WORKING,
    "end_visit_incomplete": WORKING,
    "resume_visit": (*WORKING, "pause_visit"),
    "reopen_visit": (*WORKING, "complete_visit"),
    "release_work_order": ("hold_work_order",),
    "void_invoice": ("issue_invoice",),
    "release_customer_credit": ("hold_customer_credit",),
    "resume_customer_service": ("stop_customer_service",),
    "reinstate_equipment": ("retire_equipment",),
    "unlink_contact": ("link_contact",),
    "redo_command": ("undo_command",),
    "undo_checklist_item": ("do_checklist_item",),
    "reinstate_membership": ("suspend_membership",),
}
"""Operation → the verbs that lead to where it is possible, on the same record."""

BODIES: dict[str, dict[str, Any]] = {
    "change_password": {"current_password": PASSWORD, "new_password": "another long passphrase"},
    "complete_work_order": {"waived": "The tank is under the new patio."},
    "sign_in": {"password": PASSWORD},
    "step_up": {"password": PASSWORD},
}
"""Operation → fields of its body that only succeed when they are just this."""


async def fresh(world: World, route: Route) -> Call:
    """A request to `route` that will succeed."""
    if route.id in creations():
        return await world.creating(route.id)
    path = await _record(world, route)
    for verb in _before(route):
        await world.done(verb, path)
    call = await world.ready(route, path=path)
    if route.id in BODIES:
        call.body = {**(call.body or {}), **BODIES[route.id]}
    if route.id in FILES:
        call.form, call.files = FILES[route.id]
    if route.id in THE_REST:
        await THE_REST[route.id](world, call)
    return call


def _before(route: Route) -> tuple[str, ...]:
    if route.id.startswith("restore_"):
        return (f"delete_{route.id.removeprefix('restore_')}",)
    return BEFORE.get(route.id, ())


async def _record(world: World, route: Route) -> dict[str, Any]:
    """New records for the path, the last of them belonging to those before it."""
    places = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    if not places:
        return {}
    if route.id in SPECIAL:
        return {"id": await SPECIAL[route.id](world)}
    resource = resource_of(route, places[-1])
    if resource in NEW:
        return {places[-1]: await NEW[resource](world)}
    makers = [one for one, made in creations().items() if resource_of(made) == resource]
    assert makers, f"Say in NEW ({HERE}) how a new {resource} comes to be, for {route.id}."
    call = await world.creating(makers[0])
    made = await world.sent(call)
    return {**({} if len(places) == 1 else call.path), places[-1]: made}


async def _ordered(world: World) -> str:
    return str(await world.make("create_work_order"))


async def _carried_out(world: World, order: str) -> str:
    """The only visit of the order is over."""
    visit = await world.make("create_visit", work_order_id=order)
    for verb in (*WORKING, "complete_visit"):
        await world.done(verb, {"id": visit})
    return order


async def _done(world: World) -> str:
    return await _carried_out(world, await _ordered(world))


async def _done_but_for_a_step(world: World) -> str:
    order = await _ordered(world)
    step = {"title": world.text("step"), "required": True}
    await world.owner.made(f"/api/v2/work-orders/{order}/checklist-items", step)
    return await _carried_out(world, order)


async def _approved(world: World) -> str:
    order = await _done(world)
    await world.done("approve_work_order", {"id": order})
    return order


async def _a_draft(world: World) -> str:
    return str(await world.make("create_work_order", status="draft"))


async def _unpromised(world: World) -> str:
    return str(await world.make("create_visit", promised=False))


async def _a_picture(world: World) -> str:
    reply = await world.owner.post("/api/v2/files", files={"file": ("a.png", make_png())})
    return str(reply.json()["id"])


async def _a_ready_export(world: World) -> str:
    return str(world.id("export"))


SPECIAL: dict[str, Callable[[World], Awaitable[str]]] = {
    "download_thumbnail": _a_picture,
    "download_export": _a_ready_export,
    "delete_visit": _unpromised,
    "restore_visit": _unpromised,
    "drop_visit": _unpromised,
    "ready_work_order": _a_draft,
    "complete_work_order": _done_but_for_a_step,
    "reopen_work_order": _done,
    "approve_work_order": _done,
    "close_work_order": _approved,
}
"""Operation → a record whose state others bring about."""


async def _member(world: World) -> str:
    await world.add_member()
    return str(world.id("membership"))


async def _session(world: World) -> str:
    company = world.company
    again = await sign_in(company.server, world.owner.email, company.slug)
    company.people[world.text("again")] = again
    sessions = (await again.got("/api/v2/me/sessions"))["data"]
    return str(next(one["id"] for one in sessions if one["current"]))


async def _dead_job(world: World) -> str:
    async with world.session() as session:
        job = await session.get_one(Job, (world.company.id, world.id("job")))
        job.status, job.attempts = JobStatus.dead, 5
        await session.commit()
    return str(world.id("job"))


def _there_already(resource: str) -> Callable[[World], Awaitable[Any]]:
    async def find(world: World) -> Any:
        return world.id(resource)

    return find


async def _bulk_action(world: World) -> Any:
    """Nobody works here, so it waits."""
    body = {"list": "customers", "action": "change", "params": {"source": "x"}}
    asked = await world.owner.made("/api/v2/bulk", {**body, "ids": [world.id("customer")]})
    return asked["id"]


async def _export(world: World) -> Any:
    return (await exports.asked(world.owner, list="customers"))["id"]


async def _an_import(world: World) -> Any:
    """Nobody works here, so it waits."""
    reply = await world.owner.post(
        "/api/v2/imports",
        data={"kind": "customers"},
        files={"file": ("list.csv", f"Name\n{world.text('Waiting')}\n".encode())},
    )
    return reply.json()["id"]


async def _geofence_event(world: World) -> str:
    """Somebody seems to have come to a visit that is dispatched."""
    visit = await world.make("create_visit", work_order_id=await _ordered(world))
    for verb in ("schedule_visit", "dispatch_visit"):
        await world.done(verb, {"id": visit})
    return await a_geofence_event(world, visit)


NEW: dict[str, Callable[[World], Awaitable[Any]]] = {
    "membership": _member,
    "session": _session,
    "job": _dead_job,
    "bulk": _bulk_action,
    "archive": _there_already("archive"),
    "export": _export,
    "import": _an_import,
    "import_row": _there_already("import_row"),
    "mail": _there_already("mail"),
    "journal_entry": _there_already("journal_entry"),
    "geofence_event": _geofence_event,
    "command": a_command,
}
"""Resources that no creation route makes."""

CSV = b"Name,Street Address,Zip\nAnn Lee,12 Main St,66604\n"
FILES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "create_import": ({"kind": "customers"}, {"file": ("list.csv", CSV, "text/csv")}),
    "set_logo": ({}, {"file": ("logo.png", make_png(), "image/png")}),
}
"""Operation → the form and files that are sent to it."""


async def _our_own_link(world: World, call: Call) -> None:
    found = await world.owner.got(f"{exports.EXPORTS}/{call.path['id']}")
    call.query["link"] = found["link"].partition("link=")[2]


async def _our_own_organisation(world: World, call: Call) -> None:
    call.body["org"] = world.company.slug


async def _our_own_name(world: World, call: Call) -> None:
    call.body |= {"email": world.owner.email, "org": world.company.slug}


async def _our_own_token(world: World, call: Call) -> None:
    again = await sign_in(world.company.server, world.owner.email, world.company.slug)
    world.company.people[world.text("again")] = again
    call.body = {"refresh_token": again.tokens["refresh_token"]}


async def _to_another_site(world: World, call: Call) -> None:
    call.body["site_id"] = await world.make("create_site")


async def _with_another(world: World, call: Call) -> None:
    order = await world.make("create_work_order")
    other = await world.make("create_visit", work_order_id=order)
    await world.done("schedule_visit", {"id": other})
    shown = await world.owner.got(f"/api/v2/visits/{other}")
    call.body |= {"with_id": other, "with_version": shown["version"]}


async def _that_is_done(world: World, call: Call) -> None:
    async with world.session() as session:
        asked = await session.get_one(BulkAction, (world.company.id, UUID(call.path["id"])))
        asked.status = BulkStatus.completed
        await session.commit()


def _import_that_is(status: ImportStatus) -> Callable[[World, Call], Awaitable[None]]:
    async def set_so(world: World, call: Call) -> None:
        async with world.session() as session:
            imported = await session.get_one(Import, (world.company.id, UUID(call.path["id"])))
            imported.status = status
            await session.commit()

    return set_so


async def _a_trial(world: World, call: Call) -> None:
    async with world.session() as session:
        imported = await session.get_one(Import, (world.company.id, UUID(call.path["id"])))
        imported.status, imported.dry_run = ImportStatus.waiting, True
        await session.commit()
    call.body = {"mapping": {"Name": "name"}, "key": "none"}


async def _cells_of_the_file(world: World, call: Call) -> None:
    call.body = {"cells": {"Name": world.text("Mended")}}


def _samples_that_are(status: SampleStatus) -> Callable[[World, Call], Awaitable[None]]:
    async def so(world: World, call: Call) -> None:
        async with world.session() as session:
            for sample in await session.scalars(select(Sample)):
                sample.status = status
            await session.commit()

    return so


THE_REST: dict[str, Callable[[World, Call], Awaitable[None]]] = {
    **COMING_IN,
    "select_organisation": _our_own_organisation,
    "sign_in": _our_own_name,
    "move_equipment": _to_another_site,
    "download_export": _our_own_link,
    "swap_visits": _with_another,
    "undo_bulk_action": _that_is_done,
    "check_import": _a_trial,
    "mend_import_row": _cells_of_the_file,
    "run_import": _import_that_is(ImportStatus.failed),
    "undo_import": _import_that_is(ImportStatus.completed),
    "load_sample_records": _samples_that_are(SampleStatus.removed),
    "remove_sample_records": _samples_that_are(SampleStatus.loaded),
    "refresh_session": _our_own_token,
}
"""Operation → what else its request needs."""

ENDS_SESSION = {"sign_out", "end_all_my_sessions", "change_password", "select_organisation"}
"""Operations after which the one who asked is signed out."""
