"""Saved views: a filter, a sort and columns of one list, under a name.

A private view is its owner's alone; a shared one is seen by a role or by everyone and changed by its
owner alone. What it names was valid when it was saved: a list that has lost a field says so when the
view is used.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, and_, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, SoftDeleted, TenantModel, Viewer, belongs_to, one_of
from app.models.identity import Membership


class Sharing(StrEnum):
    private = "private"
    role = "role"
    everyone = "everyone"


class SavedView(SoftDeleted, TenantModel):
    __tablename__ = "saved_views"

    list: Mapped[str] = mapped_column(Short)
    """The list it is of, as its address says: `work-orders`."""
    name: Mapped[str] = mapped_column(Short)
    filter: Mapped[Mapping[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sort: Mapped[str | None] = mapped_column(Short)
    columns: Mapped[Sequence[str] | None] = mapped_column(JSONB(none_as_null=True))
    """Of a table, in this order; None: all."""
    shared: Mapped[Sharing] = mapped_column(Text, default=Sharing.private)
    role_id: Mapped[UUID | None]
    """The role that sees it, while it is shared with one."""
    owner_id: Mapped[UUID]

    __table_args__ = (
        belongs_to("owner_id", "members"),
        belongs_to("role_id", "identity.roles"),
        one_of("shared", Sharing),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        CheckConstraint("(shared = 'role') = (role_id is not null)", name="role_id"),
        Index("ix_saved_views_created_at", "org_id", "created_at", "id"),
        Index("ix_saved_views_role_id", "org_id", "role_id"),
        Index(
            "uq_saved_views_name",
            "org_id",
            "owner_id",
            "list",
            "name",
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, those for everyone, and those for one's role."""
        role = (
            select(Membership.role_id)
            .where(Membership.org_id == cls.org_id, Membership.user_id == viewer.user_id)
            .scalar_subquery()
        )
        return or_(
            cls.owner_id == viewer.user_id,
            cls.shared == Sharing.everyone,
            and_(cls.shared == Sharing.role, cls.role_id == role),
        )
