"""A customer with a billing address is added in one trip too, unless there is a site at that house.

As 0287 otherwise. Which number of a house in which place is asked as the route asks it: of the first five
signs of the postal code.
"""

from alembic import context, op

revision = "0342"
down_revision = "0341"
branch_labels = None
depends_on = None

TOLD = "p_second_phone text, p_billing_city text"
EMAIL = "  if p_email is not null then\n"
HOUSE = """  if p_billing_street is not null then
    -- by the code itself, and by the longer ones: in a town most houses share the code of five signs
    if exists (select from public.sites s where s.org_id = who.org_id
                and s.house = pg_catalog.split_part(p_billing_street, ' ', 1)
                and s.postal_code = pg_catalog.left(p_billing_postal_code, 5) and s.deleted_at is null)
       or exists (select from public.sites s where s.org_id = who.org_id
                and s.house = pg_catalog.split_part(p_billing_street, ' ', 1)
                and s.postal_code > pg_catalog.left(p_billing_postal_code, 5)
                and s.postal_code < pg_catalog.left(p_billing_postal_code, 5) || U&'\\+10FFFF'
                and s.deleted_at is null) then
      return;
    end if;
  end if;
"""
CHANGES = (
    (TOLD, TOLD.replace("p_billing_city", "p_billing_street text, p_billing_city")),
    (EMAIL, HOUSE + EMAIL),
    ("second_phone, billing_city,", "second_phone, billing_street, billing_city,"),
    (
        "    p_billing_city, p_billing_region,",
        "    p_billing_street, p_billing_city, p_billing_region,",
    ),
    ("null as billing_street", "p_billing_street as billing_street"),
)


def _former() -> str:
    return str(context.script.get_revision("0287").module.CREATE)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    source = _former()
    for now, then in CHANGES:
        assert source.count(now) == 1, now
        source = source.replace(now, then)
    op.execute("drop function identity.create_customer")
    op.execute(source)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function identity.create_customer")
    op.execute(_former())
