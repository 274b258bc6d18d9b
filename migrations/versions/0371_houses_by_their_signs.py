"""Which postal codes begin like this is asked sign by sign, whatever the database's own collation is.

Where it sorts as a language does, a code may begin like another and yet not stand behind it: in Czech "CH" is a
letter of its own, behind "C" and whatever begins with it. Such a house was not found, and its owner
was added a second time without a word. And `like` reaches an index only where it sorts by signs.
"""

from alembic import context, op

revision = "0371"
down_revision = "0370"
branch_labels = None
depends_on = None

FIRST = "pg_catalog.left(p_billing_postal_code, 5)"
LAST = f"{FIRST} || U&'\\+10FFFF'"
RANGE = (
    (f"s.postal_code > {FIRST}", f"s.postal_code operator(pg_catalog.~>~) {FIRST}"),
    (f"s.postal_code < {LAST}", f"s.postal_code operator(pg_catalog.~<~) ({LAST})"),
)


def _former() -> str:
    """The function of 0342."""
    source = str(context.script.get_revision("0287").module.CREATE)
    for now, then in context.script.get_revision("0342").module.CHANGES:
        source = source.replace(now, then)
    return source


def created() -> str:
    """The function from here on."""
    source = _former()
    for now, then in RANGE:
        assert source.count(now) == 1, now
        source = source.replace(now, then)
    return source


def _index(**ops: str) -> None:
    op.drop_index("ix_sites_house", table_name="sites")
    columns = ["org_id", "postal_code", "house"]
    op.create_index("ix_sites_house", "sites", columns, postgresql_ops=ops)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _index(postal_code="varchar_pattern_ops")
    op.execute("drop function identity.create_customer")
    op.execute(created())


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    _index()
    op.execute("drop function identity.create_customer")
    op.execute(_former())
