"""Branches, their territories, and teams: how an organisation divides its work.

A branch may number, tax and keep time in its own way; where it says nothing, the organisation does.
A territory is a named set of postal codes and regions: a site lies in the one that fits its address
best, unless a person has put it elsewhere. A team is people who work together, and has a lead.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantModel, belongs_to


class Branch(TenantModel):
    """A part of the organisation; what is None is as the organisation has it."""

    __tablename__ = "branches"

    name: Mapped[str] = mapped_column(Short)
    time_zone: Mapped[str | None] = mapped_column(Short)
    """IANA; of the technicians whose team belongs to it."""
    work_order_prefix: Mapped[str | None] = mapped_column(Short)
    """Stands before the numbers of its work orders; all branches count together."""
    invoice_prefix: Mapped[str | None] = mapped_column(Short)
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 6))
    working_hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """As the organisation's, for the technicians whose team belongs to it and who have no shifts."""

    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        CheckConstraint("tax_rate >= 0 and tax_rate < 1", name="tax_rate"),
        Index("ix_branches_created_at", "org_id", "created_at", "id"),
    )


class Territory(TenantModel):
    """A named set of postal codes and regions of one country."""

    __tablename__ = "territories"

    name: Mapped[str] = mapped_column(Short)
    branch_id: Mapped[UUID | None]
    country: Mapped[str] = mapped_column(Short, default="US")
    postal_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """Whole codes or what they begin with; the longest that fits a site decides."""
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """States or provinces, for sites that no postal code claims."""

    __table_args__ = (
        belongs_to("branch_id", "branches"),
        UniqueConstraint("org_id", "name"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_territories_created_at", "org_id", "created_at", "id"),
        Index("ix_territories_branch_id", "org_id", "branch_id"),
    )


class Team(TenantModel):
    """People who work together."""

    __tablename__ = "teams"

    name: Mapped[str] = mapped_column(Short)
    branch_id: Mapped[UUID | None]
    leader_id: Mapped[UUID | None]
    """The member who leads it, and therefore belongs to it."""

    __table_args__ = (
        belongs_to("branch_id", "branches"),
        belongs_to("leader_id", "members", use_alter=True),
        UniqueConstraint("org_id", "name"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
        Index("ix_teams_created_at", "org_id", "created_at", "id"),
        Index("ix_teams_branch_id", "org_id", "branch_id"),
        Index("ix_teams_leader_id", "org_id", "leader_id"),
    )


class TerritoryMember(TenantModel):
    """A member looks after a territory: with the record scope `territory` they see what lies there."""

    __tablename__ = "territory_members"

    territory_id: Mapped[UUID]
    member_id: Mapped[UUID]

    __table_args__ = (
        belongs_to("territory_id", "territories", ondelete="CASCADE"),
        belongs_to("member_id", "members"),
        UniqueConstraint("org_id", "member_id", "territory_id"),
        Index("ix_territory_members_territory_id", "org_id", "territory_id"),
    )
