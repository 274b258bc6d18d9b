"""Many rows changed alike: one statement for all of them, where a flush asks for each in turn.

The records are loaded and locked; afterwards they are what a flush would have left: their versions
and times are the database's, and nothing of the change is still to be written.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any, TypeAlias

from sqlalchemy import inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from app.core.model import TenantModel

Changes: TypeAlias = tuple[tuple[str, Hashable], ...]
FEW = 3
"""Fewer than these are left to the flush."""


async def write_alike(session: AsyncSession, records: Iterable[TenantModel]) -> None:
    """Write the changes that several of these records have in common; what only one has is left to
    the flush. Raises `StaleDataError` when one of them is not there any more."""
    groups: dict[tuple[Any, Changes], list[TenantModel]] = defaultdict(list)
    for record in records:
        if changes := _changed(record):
            groups[type(record), changes].append(record)
    for (model, changes), alike in groups.items():
        if len(alike) >= FEW:
            await _write(session, model, dict(changes), alike)


def _changed(record: TenantModel) -> Changes:
    """The changed columns and their values; none, too, if one of them compares with nothing."""
    state = inspect(record)
    if not state.persistent:
        return ()
    found = []
    for name in sorted(state.committed_state.keys() & state.mapper.column_attrs.keys()):
        value = state.dict[name]
        if state.committed_state[name] == value:
            continue
        if not isinstance(value, Hashable):
            return ()
        found.append((name, value))
    return tuple(found)


async def _write(
    session: AsyncSession, model: Any, values: dict[str, Any], records: list[TenantModel]
) -> None:
    by_id = {record.id: record for record in records}
    # all that the database tells of a change, so that the flush does not ask for it again
    columns = inspect(model).column_attrs
    told = [one.key for one in columns if one.columns[0].server_onupdate is not None]
    statement = (
        update(model)
        .where(model.id.in_(by_id))
        .values(values)
        .returning(model.id, *(getattr(model, name) for name in told))
        .execution_options(synchronize_session=False)
    )
    with session.no_autoflush:
        written = (await session.execute(statement)).all()
    if len(written) != len(by_id):
        raise StaleDataError(f"Of {len(by_id)} {model.__tablename__} {len(written)} were there.")
    for id, *news in written:
        for name, value in {**values, **dict(zip(told, news, strict=True))}.items():
            set_committed_value(by_id[id], name, value)
