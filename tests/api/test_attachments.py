"""A file hangs on each kind of record, is listed there, and is told of in that record's timeline."""

import pytest

from app.models.files import RECORDS, AttachedTo
from app.services.files.reach import READ
from tests.support.routes import routes
from tests.support.world import World

ATTACHMENTS = "/api/v2/attachments"
COLLECTIONS = {AttachedTo.work_order: "work-orders", AttachedTo.equipment: "equipment"}
TIMELINES = {route.path for route in routes() if route.path.endswith("/{id}/timeline")}


@pytest.mark.parametrize("entity", AttachedTo)
async def test_a_file_hangs_on_each_kind_of_record(entity: AttachedTo, ours: World) -> None:
    record = ours.id(entity)
    made = await ours.make("create_attachment", entity=entity, entity_id=record)
    listed = await ours.owner.got(ATTACHMENTS, entity=entity, entity_id=record)
    assert made in [one["id"] for one in listed["data"]]
    path = f"/api/v2/{COLLECTIONS.get(entity, f'{entity}s')}/{{id}}/timeline"
    assert path in TIMELINES
    story = await ours.owner.got(path.format(id=record), limit=1)
    assert (story["data"][0]["fact"], story["data"][0]["entity_id"]) == ("attachment.added", made)


def test_each_kind_has_its_table_and_its_permission() -> None:
    assert set(RECORDS) == set(READ) == set(AttachedTo)
