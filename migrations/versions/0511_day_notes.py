"""Notes of days, who told a promise, and when a customer was told that nobody comes."""

import sqlalchemy as sa
from alembic import op

revision = "0511"
down_revision = "0510"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    clock = sa.text("system.clock()")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "day_notes",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("technician_id", sa.Uuid()),
        sa.Column("body", sa.String(10_000), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", moment, server_default=clock, nullable=False),
        sa.Column("updated_at", moment, server_default=clock, nullable=False),
        sa.CheckConstraint("length(trim(body)) > 0", name=op.f("ck_day_notes_body")),
        sa.ForeignKeyConstraint(
            ["org_id", "technician_id"],
            ["technicians.org_id", "technicians.id"],
            name=op.f("fk_day_notes_org_id_technician_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_day_notes")),
    )
    op.create_index("ix_day_notes_day", "day_notes", ["org_id", "day", "id"])
    op.create_index("ix_day_notes_created_at", "day_notes", ["org_id", "created_at", "id"])
    op.create_index("ix_day_notes_technician_id", "day_notes", ["org_id", "technician_id", "day"])
    op.execute("select system.protect('day_notes', 'day_note')")
    op.add_column("promises", sa.Column("told_by_id", sa.Uuid()))
    for table in ("promises", "members"):
        op.execute(f"alter table {table} no force row level security")
    op.create_foreign_key(
        op.f("fk_promises_org_id_told_by_id"),
        "promises",
        "members",
        ["org_id", "told_by_id"],
        ["org_id", "id"],
    )
    for table in ("promises", "members"):
        op.execute(f"alter table {table} force row level security")
    op.create_index("ix_promises_created_at", "promises", ["org_id", "created_at", "id"])
    op.create_index("ix_promises_window_start", "promises", ["org_id", "window_start", "id"])
    op.create_index("ix_promises_told_by_id", "promises", ["org_id", "told_by_id"])
    op.create_index(
        "ix_promises_untold",
        "promises",
        ["org_id", "window_start"],
        postgresql_where=sa.text("closed_at is null and told_via = 'not_yet'"),
    )
    op.add_column("visits", sa.Column("customer_told_at", moment))
    for table in ("promises", "visits"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("visits", "customer_told_at")
    op.drop_index("ix_promises_untold", "promises")
    op.drop_index("ix_promises_window_start", "promises")
    op.drop_index("ix_promises_created_at", "promises")
    op.drop_column("promises", "told_by_id")
    for table in ("promises", "visits"):
        op.execute(f"select system.write_triggers('{table}')")
    op.execute("select system.unprotect('day_notes')")
    op.drop_table("day_notes")
