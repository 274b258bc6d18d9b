"""Working time: shifts, holidays and time off, which takes bookings once it is approved."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0200"
down_revision = "0160"
branch_labels = None
depends_on = None

OFFICE = "{owner,admin,manager,dispatcher}"
READERS = "{owner,admin,manager,dispatcher,accountant,viewer,technician}"


def _kept() -> list[sa.Column[object]]:
    now = sa.text("system.clock()")
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
    ]


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "shifts",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("overrides", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("rotation_weeks", sa.BigInteger(), nullable=False),
        sa.Column("spans", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("overtime_minutes", sa.BigInteger(), nullable=False),
        *_kept(),
        sa.CheckConstraint("kind in ('normal', 'on_call')", name=op.f("ck_shifts_kind")),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_shifts_valid")),
        sa.CheckConstraint(
            "rotation_weeks between 1 and 52", name=op.f("ck_shifts_rotation_weeks")
        ),
        sa.CheckConstraint(
            "overtime_minutes between 0 and 720", name=op.f("ck_shifts_overtime_minutes")
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_shifts_name")),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_shifts_org_id_technician_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_technician_id", "shifts", ["org_id", "technician_id", "valid_from"])
    op.create_index("ix_shifts_created_at", "shifts", ["org_id", "created_at", "id"])
    op.create_index("ix_shifts_valid_from", "shifts", ["org_id", "valid_from", "id"])
    op.execute("select system.protect('shifts', 'shift')")
    op.create_table(
        "holidays",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        *_kept(),
        sa.CheckConstraint("start_time < end_time", name=op.f("ck_holidays_times")),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_holidays_name")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_holidays")),
        sa.UniqueConstraint("org_id", "day", "name", name=op.f("uq_holidays_org_id_day_name")),
    )
    op.create_index("ix_holidays_created_at", "holidays", ["org_id", "created_at", "id"])
    op.execute("select system.protect('holidays', 'holiday')")
    op.create_table(
        "time_off",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=True),
        *_kept(),
        sa.CheckConstraint(
            "kind in ('vacation', 'sick', 'training', 'other')", name=op.f("ck_time_off_kind")
        ),
        sa.CheckConstraint(
            "status in ('requested', 'approved', 'declined', 'canceled')",
            name=op.f("ck_time_off_status"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_time_off_days")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_time_off_instants")),
        sa.CheckConstraint(
            "(start_time is null and end_time is null) or first_day = last_day",
            name=op.f("ck_time_off_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_time_off_org_id_technician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "decided_by_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_time_off_org_id_decided_by_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_time_off")),
    )
    op.create_index(
        "ix_time_off_technician_id", "time_off", ["org_id", "technician_id", "starts_at"]
    )
    op.create_index("ix_time_off_created_at", "time_off", ["org_id", "created_at", "id"])
    op.create_index("ix_time_off_starts_at", "time_off", ["org_id", "starts_at", "id"])
    op.execute("select system.protect('time_off', 'time_off')")
    op.add_column("bookings", sa.Column("time_off_id", sa.Uuid(), nullable=True))
    # checking the key reads the tables, which no policy lets anybody do without an organisation
    for table in ("bookings", "time_off"):
        op.execute(f"alter table {table} no force row level security")
    op.create_foreign_key(
        op.f("fk_bookings_org_id_time_off_id"),
        "bookings",
        "time_off",
        ["org_id", "time_off_id"],
        ["org_id", "id"],
    )
    for table in ("bookings", "time_off"):
        op.execute(f"alter table {table} force row level security")
    op.create_check_constraint(
        op.f("ck_bookings_time_off"),
        "bookings",
        "(kind = 'time_off') = (time_off_id is not null)",
    )
    op.create_index(
        "ix_bookings_time_off_id",
        "bookings",
        ["org_id", "time_off_id"],
        postgresql_where=sa.text("time_off_id is not null"),
    )
    op.execute("select system.write_triggers('bookings')")
    for permission, roles in (
        ("time-off:read", READERS),
        ("time-off:write", OFFICE.replace("}", ",technician}")),
        ("time-off:approve", OFFICE),
    ):
        op.execute(f"select identity.grant_permission('{permission}', '{roles}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _forget("bookings", "delete from bookings where kind = 'time_off'")
    op.drop_column("bookings", "time_off_id")
    op.execute("select system.write_triggers('bookings')")
    for table in ("time_off", "holidays", "shifts"):
        op.execute(f"select system.unprotect('{table}')")
        op.drop_table(table)
    forget = "update identity.roles set permissions = array_remove(permissions, '{}')"
    for permission in ("time-off:read", "time-off:write", "time-off:approve"):
        op.execute(forget.format(permission))


def _forget(table: str, statement: str) -> None:
    """What this version knows no more, of all organisations at once."""
    op.execute(f"alter table {table} no force row level security")
    op.execute(f"alter table {table} disable trigger user")
    op.execute(statement)
    op.execute(f"alter table {table} enable trigger user")
    op.execute(f"alter table {table} force row level security")
