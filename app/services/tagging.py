"""Tags as other records see them: shown with a record, and asked for in its list."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.core.listing import Filter, among
from app.models.tags import Tag, Tagging


@dataclass(frozen=True)
class WithTag(Filter):
    """Marks a field of a `ListQuery` as “has this tag”; `column` is the record's id."""

    def condition(self, value: Any) -> ColumnElement[bool]:
        model = self.column.class_
        link = select(Tagging.id).where(
            Tagging.org_id == model.org_id,
            Tagging.entity_id == self.column,
            Tagging.tag_id == value,
        )
        return link.correlate(model).exists()

    def gathering(self, value: Any) -> ColumnElement[bool]:
        return among(self.column, select(Tagging.entity_id).where(Tagging.tag_id == value))


def shown(model: Any) -> ORMOption:
    """What an output of a tagged record needs loaded."""
    return selectinload(model.taggings).joinedload(Tagging.tag)


def on(record: Any) -> list[Tag]:
    """The tags on a record that was loaded with them, by name."""
    tags = [one.tag for one in record.taggings if one.tag.deleted_at is None]
    return sorted(tags, key=lambda tag: tag.sort_name)
