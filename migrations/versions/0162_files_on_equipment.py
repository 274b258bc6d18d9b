"""Files hang on equipment too."""

from alembic import op

revision = "0162"
down_revision = "0101"
branch_labels = None
depends_on = None

BEFORE = ("customer", "site", "work_order", "visit", "invoice", "note", "technician")


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
    _may_be((*BEFORE, "equipment"))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _may_be(BEFORE)
