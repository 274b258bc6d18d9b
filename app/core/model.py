"""The bases of every table.

What is always true: a tenant row belongs to exactly one organisation, its key is `(org_id, id)`, it
counts its changes in `version`, and relationships are loaded when they are named or not at all.
`version`, `updated_at` and the journal entry are written by triggers, so that no path into the
table can forget them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    FetchedValue,
    ForeignKeyConstraint,
    MetaData,
    String,
    Text,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.core.ids import new_id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Viewer(Protocol):
    """Who is looking, as far as record scope needs to know."""

    @property
    def org_id(self) -> UUID: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def sees_all(self) -> bool: ...
    @property
    def sees_team(self) -> bool: ...
    @property
    def sees_territory(self) -> bool: ...


class Base(DeclarativeBase):
    """Every table of the product, so that Alembic can compare them with the database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text(),
        int: BigInteger(),
    }


class TenantRow(Base):
    """A row of one organisation. The session stamps `org_id` and refuses any other's."""

    __abstract__ = True

    org_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-100)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The record scope as one predicate; a table that never narrows answers true."""
        return true()


class TenantModel(TenantRow):
    """A record people work with: keyed, versioned, timed, journalled."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-99)
    version: Mapped[int] = mapped_column(
        server_default="1", server_onupdate=FetchedValue(), sort_order=90
    )
    created_at: Mapped[datetime] = mapped_column(
        server_default=text("system.clock()"), sort_order=91
    )
    updated_at: Mapped[datetime] = mapped_column(
        server_default=text("system.clock()"), server_onupdate=FetchedValue(), sort_order=92
    )

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> Mapping[str, Any]:
        # The database counts; the ORM only checks that the version it read is still the one there.
        return {
            "version_id_col": cls.version,
            "version_id_generator": False,
            "eager_defaults": True,
        }


class SoftDeleted:
    """A record people want back: `deleted_at` hides it from lists and gets until it is restored."""

    deleted_at: Mapped[datetime | None] = mapped_column(sort_order=93)


class WithParts:
    """A record that is shown with rows of its own, such as a site with its parties.

    `parts_version` counts their changes, so that the record's version, and with it the ETag, moves
    when what people see of it moves.
    """

    parts_version: Mapped[int] = mapped_column(server_default="0", sort_order=89)

    def touch(self) -> None:
        """Say that a part changed."""
        self.parts_version += 1


def belongs_to(column: str, target: str, **options: Any) -> ForeignKeyConstraint:
    """The composite key `(org_id, column) → target(org_id, id)`: no row points at a stranger's."""
    return ForeignKeyConstraint(["org_id", column], [f"{target}.org_id", f"{target}.id"], **options)


def one_of(column: str, values: type[Any]) -> CheckConstraint:
    """A CHECK that a text column holds a member of the StrEnum (enums are not leakproof)."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=column)


def placed(latitude: str, longitude: str, name: str) -> tuple[CheckConstraint, ...]:
    """CHECKs that two columns hold a position in degrees, or neither does."""
    return (
        CheckConstraint(f"{latitude} between -90 and 90", name=latitude),
        CheckConstraint(f"{longitude} between -180 and 180", name=longitude),
        CheckConstraint(f"({latitude} is null) = ({longitude} is null)", name=name),
    )


Short = String(200)
"""Names, labels, codes."""

Long = String(10_000)
"""Notes and descriptions."""
