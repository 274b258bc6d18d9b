"""Visits keep requested windows, pauses and the wall time of the plan; one promise stands at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0080"
branch_labels = None
depends_on = None

ORDER = (
    "travel_started_at <= arrived_at and travel_started_at <= finished_at"
    " and arrived_at <= started_at and arrived_at <= finished_at"
    " and started_at <= finished_at"
)
NEW_COLUMNS = ("requested_start", "requested_end", "planned_wall", "planned_zone", "moved_at")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "visit_pauses",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("system.clock()"),
            nullable=False,
        ),
        sa.CheckConstraint("started_at <= ended_at", name=op.f("ck_visit_pauses_order")),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_visit_pauses_org_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_visit_pauses")),
    )
    op.create_index(
        "ix_visit_pauses_visit_id", "visit_pauses", ["org_id", "visit_id", "started_at"]
    )
    op.create_index(
        "uq_visit_pauses_open",
        "visit_pauses",
        ["org_id", "visit_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.execute("select system.protect('visit_pauses', 'visit_pause')")
    op.create_index(
        "uq_promises_standing",
        "promises",
        ["org_id", "visit_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.add_column("assignments", sa.Column("dispatched_at", sa.DateTime(timezone=True)))
    op.add_column("visits", sa.Column("requested_start", sa.DateTime(timezone=True)))
    op.add_column("visits", sa.Column("requested_end", sa.DateTime(timezone=True)))
    op.add_column("visits", sa.Column("planned_wall", sa.String(length=200)))
    op.add_column("visits", sa.Column("planned_zone", sa.String(length=200)))
    op.add_column("visits", sa.Column("moved_at", sa.DateTime(timezone=True)))
    op.alter_column("visits", "instructions", type_=sa.String(length=10_000))
    op.create_check_constraint(
        op.f("ck_visits_requested_both"),
        "visits",
        "(requested_start is null) = (requested_end is null)",
    )
    op.create_check_constraint(
        op.f("ck_visits_requested"), "visits", "requested_start < requested_end"
    )
    op.drop_constraint(op.f("ck_visits_actual_order"), "visits")
    op.create_check_constraint(op.f("ck_visits_actual_order"), "visits", ORDER)
    for table in ("assignments", "visits"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_visits_actual_order"), "visits")
    op.create_check_constraint(
        op.f("ck_visits_actual_order"),
        "visits",
        "arrived_at <= started_at and started_at <= finished_at",
    )
    op.drop_constraint(op.f("ck_visits_requested_both"), "visits")
    op.drop_constraint(op.f("ck_visits_requested"), "visits")
    op.alter_column(
        "visits",
        "instructions",
        type_=sa.String(length=200),
        postgresql_using="left(instructions, 200)",
    )
    for column in NEW_COLUMNS:
        op.drop_column("visits", column)
    op.drop_column("assignments", "dispatched_at")
    for table in ("assignments", "visits"):
        op.execute(f"select system.write_triggers('{table}')")
    op.drop_index("uq_promises_standing", "promises")
    op.execute("select system.unprotect('visit_pauses')")
    op.drop_table("visit_pauses")
