"""Alerts as everybody sees them: `await everywhere(job.dana, job.day)`, and the clock that looks."""

from typing import Any

from app.services.dispatching import watching
from app.tasks.schedules import in_each
from tests.support.people import Company, Person
from tests.support.world import number_the_journal

ALERTS = "/api/v2/alerts"
BOARD = "/api/v2/board"
SAID = ("visit_id", "code", "minutes", "cause_visit_id")


def of_board(board: Any) -> list[tuple[Any, ...]]:
    """What a board says is wrong, on its lanes and beside them."""
    on_lanes = (one for lane in board["lanes"] for day in lane["days"] for one in day["alerts"])
    return sorted(_said(one) for one in (*board["alerts"], *on_lanes))


def of_list(listed: Any) -> list[tuple[Any, ...]]:
    """What `GET /alerts` says, in the same words."""
    return sorted(_said(one) for one in listed["data"])


def _said(one: Any) -> tuple[Any, ...]:
    return tuple(one[name] or "" for name in SAID)


async def everywhere(person: Person, day: str) -> dict[str, list[str]]:
    """The codes by visit, which the board and the list of alerts both say."""
    board = await person.got(BOARD, date=day)
    listed = await person.got(ALERTS, day=day)
    assert of_board(board) == of_list(listed)
    assert board["counts"]["alerts"] == len(listed["data"])
    found: dict[str, list[str]] = {}
    for one in listed["data"]:
        found.setdefault(one["visit_id"], []).append(one["code"])
    return found


async def tick(company: Company) -> None:
    """The clock looks, as it does every minute."""
    await number_the_journal(company.server)
    await in_each(company.server.state.sessions, "watch_the_day", watching.tick)
