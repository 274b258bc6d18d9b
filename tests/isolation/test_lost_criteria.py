"""Every model loses its criterion while row-level security is away, and it is seen (rulings 9).

A test that has never failed proves little: the check that passes on the whole house must fail on
the broken one.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria

from app.core import db
from app.core.db import Scope
from tests.isolation.walls import MODELS, without_row_level_security
from tests.support.world import World


async def others_seen(ours: World, model: type[Any]) -> int:
    """Rows of other organisations that a session of ours reads of `model`."""
    scope = Scope(ours.company.id)
    async with ours.company.server.state.sessions.open(scope) as session:
        rows = await session.scalars(select(model))
        return sum(row.org_id != scope.org_id for row in rows)


@contextmanager
def criterion_lost(model: type[Any]) -> Iterator[None]:
    """The criterion is added to every model but this one."""
    others = [one for one in MODELS if one is not model]

    def all_but_one(state: ORMExecuteState) -> None:
        org_id = state.session.info["scope"].org_id
        for other in others:
            state.statement = state.statement.options(
                with_loader_criteria(other, other.org_id == org_id, include_aliases=True)
            )

    event.remove(db.WalledSession, "do_orm_execute", db._add_the_criterion)
    event.listen(db.WalledSession, "do_orm_execute", all_but_one)
    try:
        yield
    finally:
        event.remove(db.WalledSession, "do_orm_execute", all_but_one)
        event.listen(db.WalledSession, "do_orm_execute", db._add_the_criterion)


@pytest_asyncio.fixture(scope="module")
async def only_the_session(
    admin: asyncpg.Connection, ours: World, victim: World
) -> AsyncIterator[None]:
    async with without_row_level_security(admin):
        yield


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__tablename__)
async def test_a_lost_criterion_is_seen(
    only_the_session: None, ours: World, model: type[Any]
) -> None:
    assert await others_seen(ours, model) == 0
    with criterion_lost(model):
        assert await others_seen(ours, model) > 0
