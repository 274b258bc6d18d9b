"""Looking up where sites are: what is to be asked, and what was answered.

Neither is journalled: they are the state of a background job. What it does to a site is.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.model import Long, Short, TenantModel, belongs_to, one_of
from app.core.places import Precision


class SiteLookup(TenantModel):
    """A site that is to be looked up, or was."""

    __tablename__ = "site_lookups"

    site_id: Mapped[UUID]
    due_at: Mapped[datetime | None]
    """When to ask next; None: it was answered, or given up."""
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(Long)

    __table_args__ = (
        belongs_to("site_id", "sites"),
        Index("uq_site_lookups_site_id", "org_id", "site_id", unique=True),
        Index(
            "ix_site_lookups_due_at",
            "org_id",
            "due_at",
            "id",
            postgresql_where=text("due_at is not null"),
        ),
    )


class Geocode(TenantModel):
    """What a provider said of an address; `updated_at` is when."""

    __tablename__ = "geocodes"

    provider: Mapped[str] = mapped_column(Short)
    address: Mapped[str] = mapped_column(Long)
    """`Address.key`."""
    latitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    """None: they do not know it."""
    longitude: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    precision: Mapped[Precision | None] = mapped_column(Text)
    asked_at: Mapped[datetime]

    __table_args__ = (
        one_of("precision", Precision),
        Index("uq_geocodes_address", "org_id", "provider", "address", unique=True),
    )
