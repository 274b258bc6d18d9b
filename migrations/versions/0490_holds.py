"""Holds: what time is held for, beside the bookings that hold it."""

import sqlalchemy as sa
from alembic import op

revision = "0490"
down_revision = "0470"
branch_labels = None
depends_on = None

PARENTS = {
    "site_id": "sites",
    "job_type_id": "job_types",
    "work_order_id": "work_orders",
    "visit_id": "visits",
    "lead_id": "technicians",
}
NEEDED = ("job_type_id", "lead_id")
CHECKS = {
    "status": "status in ('open', 'booked', 'released', 'expired')",
    "priority": "priority in ('low', 'normal', 'high', 'emergency')",
    "latitude": "latitude between -90 and 90",
    "longitude": "longitude between -180 and 180",
    "placed": "(latitude is null) = (longitude is null)",
    "somewhere": "(site_id is null) = (latitude is not null)",
    "window": "window_start < window_end",
    "times": "starts_at < ends_at",
    "booked": "status <> 'booked' or visit_id is not null",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "holds",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=name not in NEEDED) for name in PARENTS),
        sa.Column("latitude", sa.Numeric(9, 6)),
        sa.Column("longitude", sa.Numeric(9, 6)),
        sa.Column("time_zone", sa.String(200), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(200)),
        *(
            sa.Column(name, moment, nullable=False)
            for name in ("window_start", "window_end", "starts_at", "ends_at", "expires_at")
        ),
        sa.Column("note", sa.String(200)),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_holds_{name}"))
            for name, condition in CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["org_id", column],
                [f"{table}.org_id", f"{table}.id"],
                name=op.f(f"fk_holds_org_id_{column}"),
            )
            for column, table in PARENTS.items()
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_holds")),
    )
    for name, columns in (
        ("created_at", ["created_at", "id"]),
        ("status", ["status", "expires_at", "id"]),
        *((column, [column]) for column in PARENTS),
    ):
        op.create_index(f"ix_holds_{name}", "holds", ["org_id", *columns])
    op.add_column("bookings", sa.Column("hold_id", sa.Uuid()))
    # checking a key reads the tables, which no policy lets anybody do without an organisation
    op.execute("alter table bookings no force row level security")
    op.create_foreign_key(
        op.f("fk_bookings_org_id_hold_id"),
        "bookings",
        "holds",
        ["org_id", "hold_id"],
        ["org_id", "id"],
    )
    op.execute("alter table bookings force row level security")
    op.execute("select system.protect('holds', 'hold')")
    op.create_check_constraint(
        op.f("ck_bookings_held"), "bookings", "hold_id is null or kind = 'hold'"
    )
    op.create_index(
        "ix_bookings_hold_id",
        "bookings",
        ["org_id", "hold_id"],
        postgresql_where=sa.text("hold_id is not null"),
    )
    op.execute("select system.write_triggers('bookings')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # of all organisations at once, and no news to anybody: a hold that nothing explains lasts minutes
    op.drop_column("bookings", "hold_id")
    op.execute("select system.write_triggers('bookings')")
    op.execute("select system.unprotect('holds')")
    op.drop_table("holds")
