"""Plans of what every request runs: made once, and never by reading a whole table.

Asked about an array or a snapshot the planner guesses; where a table was not analysed yet, it guessed
that reading all of the journal was the cheapest way to number its last entry.
"""

from alembic import op

revision = "0286"
down_revision = "0262"
branch_labels = None
depends_on = None

ONCE = {
    "identity.enter": ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"),
    "system.customers_json": ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"),
    "system.work_orders_json": ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"),
    "system.visits_json": ("plan_cache_mode = force_generic_plan", "enable_seqscan = off"),
    "system.resembling": ("plan_cache_mode = force_generic_plan",),
    "system.find": ("plan_cache_mode = force_generic_plan",),
    "system.number_journal": ("enable_seqscan = off",),
}


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for function, settings in ONCE.items():
        for setting in settings:
            op.execute(f"alter function {function} set {setting}")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for function, settings in ONCE.items():
        for setting in settings:
            op.execute(f"alter function {function} reset {setting.split(' ')[0]}")
