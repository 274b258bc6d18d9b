"""Statements that boards ask past the ORM name the organisation beside every table, in every scope."""

import re

import pytest

from app.models.permissions import RecordScope
from app.services.board import beside, heard, team, visits
from app.services.board.questions import Question

QUESTIONS = {
    "lanes": team.MARK,
    "events": beside.EVENTS,
    "holds": beside.HOLDS,
    "told": heard.TOLD,
    "positions": heard.POSITIONS,
    "shadows": visits.SHADOWS,
    **{f"visits by {by}": question for by, question in visits.MARKS.items()},
}
TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+AS\s+(\w+))?")


@pytest.mark.parametrize("scope", RecordScope)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_the_organisation_is_named_beside_every_table(
    question: Question, scope: RecordScope
) -> None:
    sql = question.written_for(scope).sql
    tables = [alias or name for name, alias in TABLE.findall(sql)]
    assert tables
    assert not re.findall(r"FROM \w+(?: AS \w+)?,", sql), (
        "the pattern does not see tables after a comma"
    )
    walled = re.findall(r"\b(\w+)\.org_id = \$\d+::UUID", sql)
    assert not [name for name in tables if tables.count(name) > walled.count(name)]
