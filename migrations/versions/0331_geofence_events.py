"""What positions say of visits: arrivals and departures, suggested or set."""

import sqlalchemy as sa
from alembic import op

revision = "0331"
down_revision = "0340"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "geofence_events",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
        sa.CheckConstraint(
            "kind in ('arrival', 'departure')", name=op.f("ck_geofence_events_kind")
        ),
        sa.CheckConstraint(
            "status in ('open', 'accepted', 'dismissed', 'set')",
            name=op.f("ck_geofence_events_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "visit_id"],
            ["visits.org_id", "visits.id"],
            name=op.f("fk_geofence_events_org_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_geofence_events_org_id_technician_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_geofence_events")),
    )
    op.create_index(
        "uq_geofence_events_at",
        "geofence_events",
        ["org_id", "visit_id", "technician_id", "kind", "at"],
        unique=True,
    )
    for name, columns in (
        ("technician_id", ["technician_id", "at"]),
        ("status", ["status", "at", "id"]),
        ("created_at", ["created_at", "id"]),
    ):
        op.create_index(f"ix_geofence_events_{name}", "geofence_events", ["org_id", *columns])
    op.execute("select system.protect('geofence_events', 'geofence_event')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('geofence_events')")
    op.drop_table("geofence_events")
