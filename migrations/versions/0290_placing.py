"""A site that a map service placed is the version that it was; one that a person placed is not.

Whoever has the site open goes on writing, and an import or samples can still be taken back.
"""

from alembic import context, op

revision = "0290"
down_revision = "0287"
branch_labels = None
depends_on = None

# as in 0020, but that derived columns may be derived in some rows only
BEFORE = """    if col.name = any (conf.derived) then
      followed := followed || ' or ' || piece;
    else
      changed := changed || ' or ' || piece;
    end if;
"""
AFTER = """    if col.name = any (conf.derived) then
      followed := followed || ' or ' || piece;
      if conf.derived_if is not null then
        changed := changed || format(' or (%1$s and not %2$s)', piece, conf.derived_if);
      end if;
    else
      changed := changed || ' or ' || piece;
    end if;
"""
BY_A_MACHINE = "(new.placed_by is not distinct from ''geocoder'')"
SITES = "update system.tables set derived = {columns}, derived_if = {when} where name = 'sites'"
PLACE = "'{latitude,longitude,placed_by,precision}'"


def _triggers() -> str:
    orders = context.script.get_revision("0020").module
    assert BEFORE in orders.TRIGGERS
    return str(orders.TRIGGERS)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("alter table system.tables add column derived_if text")
    op.execute(_triggers().replace(BEFORE, AFTER))
    op.execute(SITES.format(columns=PLACE, when=f"'{BY_A_MACHINE}'"))
    op.execute("select system.write_triggers('sites')")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(SITES.format(columns="'{}'", when="null"))
    op.execute(_triggers())
    op.execute("select system.write_triggers('sites')")
    op.execute("alter table system.tables drop column derived_if")
