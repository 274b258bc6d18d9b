"""Every command of the board, by its own route, is undone and redone; a new one is tried by itself."""

from typing import Any

import pytest

from app.services.dispatching.commands import noting
from tests.support.deep import some
from tests.support.routes import READS, Route, routes
from tests.support.states import fresh
from tests.support.world import World

COMMANDS = "/api/v2/commands"
CHANGES_NOTHING = {"assign_visit": "in a world, whoever comes is on it already"}
NOTED = [
    route
    for route in routes()
    if route.allow is not None
    and route.method not in READS
    and noting(route.id, route.allow.permission) is not None
    and route.id not in CHANGES_NOTHING
]
MOVING = {"version", "updated_at", "promise", "followed_by_id"}
"""What of a record another version has, or says in a new row of the ledger."""


def plain(records: list[Any]) -> list[Any]:
    return [{name: one[name] for name in one.keys() - MOVING} for one in records]


@pytest.mark.parametrize("route", some(NOTED, 12, start=2), ids=lambda route: route.id)
async def test_it_is_undone_and_redone(route: Route, ours: World) -> None:
    call = await fresh(ours, route)
    reply = await call.send(ours.owner)
    assert reply.status_code < 300, reply.text
    noted = await ours.owner.got(COMMANDS, request_id=reply.headers["x-request-id"])
    (command,) = noted["data"]
    assert (command["operation"], command["can_undo"]) == (route.id, True), command
    assert command["sentence"] == command["sentence"].strip(" .,")
    path = f"{COMMANDS}/{command['id']}"
    undone = await ours.owner.made(f"{path}/undo")
    redone = await ours.owner.made(f"{path}/redo")
    again = await ours.owner.made(f"{path}/undo")
    assert plain(again["visits"]) == plain(undone["visits"])
    assert plain(again["events"]) == plain(undone["events"])
    assert (redone["command"]["can_undo"], again["command"]["can_redo"]) == (True, True)
