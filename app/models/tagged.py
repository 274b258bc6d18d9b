"""What can be tagged: mixed into a record whose tags are shown with it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, declared_attr, relationship

if TYPE_CHECKING:
    from app.models.tags import Tagging


class Tagged:
    """A record with tags (`tags.RECORDS` names them all)."""

    @declared_attr
    @classmethod
    def taggings(cls) -> Mapped[list["Tagging"]]:
        """The tags on it; those of deleted tags are left out when they are shown."""
        relation: Any = relationship(
            primaryjoin=f"{cls.__name__}.id == foreign(Tagging.entity_id)",
            order_by="(Tagging.created_at, Tagging.id)",
            lazy="raise",
            viewonly=True,
            uselist=True,
        )
        return relation  # type: ignore[no-any-return]
