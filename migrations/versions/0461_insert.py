"""An emergency can be put on a full board: where that is possible, a client is told so."""

from alembic import op

revision = "0461"
down_revision = "0500"
branch_labels = None
depends_on = None

BEFORE = "        ('visit', 'completed', 'reopen', 'visits:reopen')"
AFTER = ",\n".join(
    [
        BEFORE,
        *(
            f"        ('visit', '{status}', 'insert', 'dispatch:write')"
            for status in ("unscheduled", "tentative", "scheduled", "dispatched")
        ),
    ]
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _replace(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _replace(AFTER, BEFORE)


def _replace(old: str, new: str) -> None:
    op.execute(
        f"""
        do $write$
        declare was text := pg_get_functiondef('system.open_moves'::regproc);
        begin
          if position($old${old}$old$ in was) = 0 then
            raise exception 'There is no such row of system.open_moves.';
          end if;
          execute replace(was, $old${old}$old$, $new${new}$new$);
        end $write$
        """
    )
