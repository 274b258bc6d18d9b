"""Events keep what the wall clock shows at their start, and where: new time zone data reckons the instant
from it anew."""

import sqlalchemy as sa
from alembic import op

revision = "0530"
down_revision = "0450"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("events", sa.Column("wall_start", sa.String(200)))
    op.add_column("events", sa.Column("time_zone", sa.String(200)))
    # of all organisations at once, and no news to anybody
    for table in ("events", "organisation_settings"):
        op.execute(f"alter table {table} no force row level security")
    op.execute("alter table events disable trigger user")
    op.execute(
        "update events e set time_zone = s.time_zone,"
        " wall_start = to_char(shown, 'YYYY-MM-DD\"T\"HH24:MI')"
        " || case when ahead < interval '0' then '-' else '+' end"
        " || to_char(greatest(ahead, -ahead), 'HH24:MI')"
        " from organisation_settings s join events o on o.org_id = s.org_id"
        " cross join lateral (select o.starts_at at time zone s.time_zone as shown,"
        "  (o.starts_at at time zone s.time_zone) - (o.starts_at at time zone 'UTC') as ahead) w"
        " where o.org_id = e.org_id and o.id = e.id"
    )
    op.execute("alter table events enable trigger user")
    for table in ("events", "organisation_settings"):
        op.execute(f"alter table {table} force row level security")
    op.execute("select system.write_triggers('events')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("events", "wall_start")
    op.drop_column("events", "time_zone")
    op.execute("select system.write_triggers('events')")
