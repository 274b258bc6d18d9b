"""Files hang on employees too, and say until when they are valid."""

import sqlalchemy as sa
from alembic import op

revision = "0422"
down_revision = "0421"
branch_labels = None
depends_on = None

BEFORE = ("customer", "site", "work_order", "visit", "invoice", "note", "technician", "equipment")


def _may_be(entities: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{entity}'" for entity in entities)
    name = op.f("ck_attachments_entity")
    op.drop_constraint(name, "attachments", type_="check")
    op.execute(
        f"alter table attachments add constraint {name} check (entity in ({listed})) not valid"
    )
    op.execute(f"alter table attachments validate constraint {name}")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _may_be((*BEFORE, "employee"))
    op.add_column("attachments", sa.Column("expires_on", sa.Date()))
    op.create_index(
        "ix_attachments_expires_on",
        "attachments",
        ["org_id", "expires_on", "id"],
        postgresql_where=sa.text("expires_on is not null and deleted_at is null"),
    )
    op.execute("select system.write_triggers('attachments')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_attachments_expires_on", "attachments")
    op.drop_column("attachments", "expires_on")
    op.execute("alter table attachments no force row level security")
    op.execute("alter table attachments disable trigger user")
    op.execute("delete from attachments where entity = 'employee'")
    op.execute("alter table attachments enable trigger user")
    op.execute("alter table attachments force row level security")
    _may_be(BEFORE)
    op.execute("select system.write_triggers('attachments')")
