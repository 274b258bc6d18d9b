"""What a person likes to see on a screen: about the screen, not the business. In no journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Short, TenantRow, Viewer, belongs_to


class Preference(TenantRow):
    """Of one person, in one organisation, for one screen."""

    __tablename__ = "preferences"

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    screen: Mapped[str] = mapped_column(Short, primary_key=True)
    value: Mapped[Mapping[str, Any]] = mapped_column(JSONB)
    """As the screen's own shape says (`services.preferences`)."""
    version: Mapped[int] = mapped_column(BigInteger)
    kept_at: Mapped[datetime]

    __table_args__ = (belongs_to("member_id", "members"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own."""
        return cls.member_id == viewer.user_id
