"""Where customers have sites is told only to whoever compares an address: some have a thousand."""

from alembic import context, op

revision = "0373"
down_revision = "0372"
branch_labels = None
depends_on = None

CHANGES = (
    ("p_contacts boolean)", "p_contacts boolean,\n  p_places boolean)"),
    (
        "             (select pg_catalog.json_agg(places) from (",
        "             case when p_places then\n               (select pg_catalog.json_agg(places) from (",
    ),
    ("limit 1000) places) as places", "limit 1000) places) end as places"),
)
CALL = "who.org_id, found, 'contacts:read' = any (who.permissions)"


def _compared() -> str:
    source = str(context.script.get_revision("0372").module.COMPARED)
    for now, then in CHANGES:
        assert source.count(now) == 1, now
        source = source.replace(now, then)
    return source


def _created() -> str:
    return str(context.script.get_revision("0372").module.created())


def created() -> str:
    """The function from here on."""
    source = _created()
    assert source.count(CALL) == 1
    return source.replace(CALL, f"{CALL},\n        p_billing_street is not null")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.create_customer")
    op.execute("drop function system.compared_json")
    op.execute(_compared())
    op.execute(created())


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.create_customer")
    op.execute("drop function system.compared_json")
    op.execute(str(context.script.get_revision("0372").module.COMPARED))
    op.execute(_created())
