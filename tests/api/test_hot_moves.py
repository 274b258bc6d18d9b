"""The moves that a hot read offers are those of the models: the function is written out in SQL."""

from typing import Any

import asyncpg
import orjson
import pytest

from app.models.permissions import Permission
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus


@pytest.mark.parametrize(
    ("entity", "model", "statuses"),
    [("work_order", WorkOrder, WorkOrderStatus), ("visit", Visit, VisitStatus)],
)
async def test_the_database_offers_the_moves_of_the_model(
    entity: str, model: Any, statuses: Any, admin: asyncpg.Connection
) -> None:
    for permission in Permission:
        said = await admin.fetchval("select system.open_moves($1, $2)", entity, [permission.value])
        offered = orjson.loads(said) if said else {}
        for status in statuses:
            record = model(status=status)
            ours = record.allowed_transitions(lambda one, p=permission: one == p)
            assert offered.get(status, []) == ours, (permission, status)
