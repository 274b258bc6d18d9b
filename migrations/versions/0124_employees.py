"""Employees: what is kept about the people who work here, and who may see what they earn."""

import sqlalchemy as sa
from alembic import op

revision = "0124"
down_revision = "0145"
branch_labels = None
depends_on = None

GRANTS = {
    "employees:read": "owner,admin,manager",
    "employees:write": "owner,admin,manager",
    "employees:pay": "owner,admin",
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "employees",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.String(200)),
        sa.Column("title", sa.String(200)),
        sa.Column("employment", sa.Text(), nullable=False),
        sa.Column("pay_rate", sa.BigInteger()),
        sa.Column("hired_on", sa.Date()),
        sa.Column("left_on", sa.Date()),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("system.clock()"),
                nullable=False,
            )
            for name in ("created_at", "updated_at")
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_employees")),
        sa.ForeignKeyConstraint(
            ["org_id", "member_id"],
            ["members.org_id", "members.id"],
            name=op.f("fk_employees_org_id_member_id"),
        ),
        sa.UniqueConstraint("org_id", "member_id", name=op.f("uq_employees_org_id_member_id")),
        sa.CheckConstraint(
            "employment in ('full_time', 'part_time', 'apprentice', 'temporary', 'contractor')",
            name=op.f("ck_employees_employment"),
        ),
        sa.CheckConstraint("pay_rate >= 0", name=op.f("ck_employees_pay_rate")),
        sa.CheckConstraint("left_on >= hired_on", name=op.f("ck_employees_left_on")),
    )
    op.create_index("ix_employees_created_at", "employees", ["org_id", "created_at", "id"])
    op.execute("select system.protect('employees', 'employee')")
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("select system.unprotect('employees')")
    op.drop_table("employees")
    op.execute(
        "update identity.roles set permissions = array(select one from unnest(permissions) one"
        " where one not in ('employees:read', 'employees:write', 'employees:pay'))"
    )
