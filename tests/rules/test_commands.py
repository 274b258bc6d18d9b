"""Every route of the board is a command that can be undone, or says why it is none."""

from app.core.model import Base
from app.services.dispatching.commands import ALSO, NEEDED, NO_COMMANDS, SAID, TOLD_BY, noting
from app.services.dispatching.commands_undoing import BESIDE, BOARD
from app.services.facts import Fact, entity_of
from tests.support.routes import READS, routes

WRITING = [route for route in routes() if route.allow is not None and route.method not in READS]
OF_THE_BOARD = {one.id for one in WRITING if one.allow and one.allow.permission in NEEDED}
BY_OTHERS = {
    "accept_visit", "decline_visit", "set_off_for_visit", "divert_from_visit", "arrive_at_visit",
    "start_visit", "pause_visit", "resume_visit", "complete_visit", "end_visit_incomplete",
    "report_no_access", "report_no_show",
}  # fmt: skip
"""Verbs of visits that say what happened in the field: that is corrected, and not undone."""


def test_every_route_of_the_board_is_noted_or_says_why_not() -> None:
    noted = {
        route.id
        for route in WRITING
        if route.allow is not None and noting(route.id, route.allow.permission) is not None
    }
    assert noted == OF_THE_BOARD - NO_COMMANDS.keys() | ALSO
    assert not ALSO & OF_THE_BOARD, "These need no line."
    assert TOLD_BY.keys() <= noted
    assert NO_COMMANDS.keys() <= OF_THE_BOARD, "Nothing needs these lines any more."
    assert [one for one, reason in NO_COMMANDS.items() if len(reason.split()) < 4] == []


def test_every_verb_of_visits_and_events_is_a_command_or_of_the_field() -> None:
    board = ("/api/v2/visits", "/api/v2/events")
    verbs = {route.id for route in WRITING if route.path.startswith(board)}
    assert verbs - OF_THE_BOARD - ALSO == BY_OTHERS


def test_what_is_put_back_is_named_as_the_journal_names_it() -> None:
    assert {entity: entity_of(model) for entity, model in BOARD.items()} == {
        entity: entity for entity in BOARD
    }
    assert not BOARD.keys() & BESIDE.keys()
    assert SAID.keys() <= {fact.value for fact in Fact}
    assert [
        one.__tablename__ for one in BOARD.values() if one.__tablename__ not in Base.metadata.tables
    ] == []
