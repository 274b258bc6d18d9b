"""Support access: a grant lets somebody of Truckroll's support read here for a while, and each read
is written down for the organisation to see.

The grant is the organisation's; that it ends is enforced where people are let in
(`identity.memberships.expires_at`).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.model import Short, TenantModel, belongs_to
from app.models.members import Member


class SupportGrant(TenantModel):
    __tablename__ = "support_grants"

    member_id: Mapped[UUID]
    """The support person."""
    reason: Mapped[str] = mapped_column(Short)
    until: Mapped[datetime]
    granted_by_id: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship(
        primaryjoin="foreign(SupportGrant.member_id) == Member.id", lazy="raise"
    )

    __table_args__ = (
        belongs_to("member_id", "members"),
        belongs_to("granted_by_id", "members"),
        CheckConstraint("until > created_at", name="until"),
        Index("ix_support_grants_created_at", "org_id", "created_at", "id"),
        Index("ix_support_grants_member_id", "org_id", "member_id", "until"),
    )


class SupportRead(TenantModel):
    """One thing that was read by a grant. Not journalled: it is a record of itself."""

    __tablename__ = "support_reads"

    grant_id: Mapped[UUID]
    path: Mapped[str]
    """With its query."""
    request_id: Mapped[str]

    __table_args__ = (
        belongs_to("grant_id", "support_grants"),
        Index("ix_support_reads_grant_id", "org_id", "grant_id", "created_at", "id"),
    )
