"""Credit hold and do-not-service on customers; access hours and hazards at sites."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0141"
down_revision = "0200"
branch_labels = None
depends_on = None

GRANTS = {
    "customers:hold": "owner,admin,manager,accountant",
    "credit:override": "owner,admin,manager",
}
HOLDS = {
    "credit_hold": ("credit_held_at", "credit_held_by_id", "credit_hold_reason"),
    "service_stop": ("service_stopped_at", "service_stopped_by_id", "service_stop_reason"),
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for check, (at, by, reason) in HOLDS.items():
        op.add_column("customers", sa.Column(at, sa.DateTime(timezone=True), nullable=True))
        op.add_column("customers", sa.Column(by, sa.Uuid(), nullable=True))
        op.add_column("customers", sa.Column(reason, sa.String(length=200), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_customers_org_id_{by}"),
            "customers",
            "members",
            ["org_id", by],
            ["org_id", "id"],
            postgresql_not_valid=True,
        )
        op.create_check_constraint(
            op.f(f"ck_customers_{check}"), "customers", f"({at} is null) = ({reason} is null)"
        )
    # the walls hold the owner too, and a constraint is validated over everybody's rows
    for table in ("customers", "members"):
        op.execute(f"alter table public.{table} no force row level security")
    for _, by, _ in HOLDS.values():
        op.execute(f"alter table public.customers validate constraint fk_customers_org_id_{by}")
    for table in ("customers", "members"):
        op.execute(f"alter table public.{table} force row level security")
    for column in ("access_hours", "hazards"):
        op.add_column(
            "sites",
            sa.Column(
                column,
                postgresql.JSONB(astext_type=sa.Text()),
                server_default="[]",
                nullable=False,
            ),
        )
    for table in ("customers", "sites"):
        op.execute(f"select system.write_triggers('{table}')")
    for permission, roles in GRANTS.items():
        op.execute(f"select identity.grant_permission('{permission}', '{{{roles}}}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    forget = "update identity.roles set permissions = array_remove(permissions, '{}')"
    for permission in GRANTS:
        op.execute(forget.format(permission))
    for column in ("hazards", "access_hours"):
        op.drop_column("sites", column)
    for check, (at, by, reason) in reversed(HOLDS.items()):
        op.drop_constraint(op.f(f"ck_customers_{check}"), "customers", type_="check")
        op.drop_constraint(op.f(f"fk_customers_org_id_{by}"), "customers", type_="foreignkey")
        for column in (reason, by, at):
            op.drop_column("customers", column)
    for table in ("customers", "sites"):
        op.execute(f"select system.write_triggers('{table}')")
