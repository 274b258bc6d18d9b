"""Members: the people of one organisation as its other records know them.

A member's id is the user's id. References to people point here, `(org_id, user) → members`, so that
they cannot name a stranger. Sign-in, role and suspension are the identity plane's.
"""

from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to


class Member(TenantModel):
    __tablename__ = "members"

    name: Mapped[str] = mapped_column(Short)
    sort_name: Mapped[str]
    email: Mapped[str] = mapped_column(Short)
    team_id: Mapped[UUID | None]
    """Of whom works in the office; a technician's own row says it for them."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "id"], ["identity.memberships.org_id", "identity.memberships.user_id"]
        ),
        belongs_to("team_id", "teams"),
        Index("ix_members_team_id", "org_id", "team_id"),
    )
