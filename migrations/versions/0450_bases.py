"""Where people's days begin, where events are, what of a plan is locked, and when work will be over."""

import sqlalchemy as sa
from alembic import op

revision = "0450"
down_revision = "0430"
branch_labels = None
depends_on = None

PLACES = (
    ("technicians", "base_latitude", "base_longitude", "base"),
    ("organisation_settings", "base_latitude", "base_longitude", "base"),
    ("events", "latitude", "longitude", "placed"),
)
KINDS = ("meeting", "training", "vehicle_service", "other")
LOCKS = ("none", "resource", "time", "both")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("technicians", sa.Column("base_name", sa.String(200)))
    for table, latitude, longitude, name in PLACES:
        op.add_column(table, sa.Column(latitude, sa.Numeric(9, 6)))
        op.add_column(table, sa.Column(longitude, sa.Numeric(9, 6)))
        for column, most in ((latitude, 90), (longitude, 180)):
            _check(table, column, f"{column} between -{most} and {most}")
        _check(table, name, f"({latitude} is null) = ({longitude} is null)")
    _kinds((*KINDS[:3], "supply_house", "other"))
    op.add_column("visits", sa.Column("expected_end", sa.DateTime(timezone=True)))
    op.add_column("visits", sa.Column("lock", sa.Text(), nullable=False, server_default="none"))
    listed = ", ".join(f"'{one}'" for one in LOCKS)
    _check("visits", "lock", f"lock in ({listed})")
    for table in ("technicians", "organisation_settings", "events", "visits"):
        op.execute(f"select system.write_triggers('{table}')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # of all organisations at once, and no news to anybody
    op.execute("alter table events no force row level security")
    op.execute("alter table events disable trigger user")
    op.execute("update events set kind = 'other' where kind = 'supply_house'")
    op.execute("alter table events enable trigger user")
    op.execute("alter table events force row level security")
    _kinds(KINDS)
    op.drop_column("technicians", "base_name")
    for table, latitude, longitude, _ in PLACES:
        op.drop_column(table, latitude)
        op.drop_column(table, longitude)
    op.drop_column("visits", "expected_end")
    op.drop_column("visits", "lock")
    for table in ("technicians", "organisation_settings", "events", "visits"):
        op.execute(f"select system.write_triggers('{table}')")


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _kinds(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_events_kind"), "events", type_="check")
    listed = ", ".join(f"'{one}'" for one in kinds)
    _check("events", "kind", f"kind in ({listed})")
