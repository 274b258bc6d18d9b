"""Customers whose name is nearly this, found through the trigrams of the search table."""

from alembic import op

revision = "0144"
down_revision = "0182"
branch_labels = None
depends_on = None

RESEMBLING = """
create function system.resembling(p_name text, p_limit integer)
returns table (entity_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.entity_id
    from public.search_documents d
   where d.org_id = (select pg_catalog.current_setting('app.org_id')::uuid)
     and d.entity = 'customer'
     and p_name operator(public.<%) d.words
   order by public.word_similarity(p_name, d.words) desc, d.entity_id
   limit least(p_limit, 200)
$$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(RESEMBLING)
    op.execute("grant create on schema system to truckroll_search")
    op.execute("alter function system.resembling owner to truckroll_search")
    op.execute("revoke create on schema system from truckroll_search")
    op.execute("revoke all on function system.resembling from public")
    op.execute("grant execute on function system.resembling to truckroll_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function system.resembling")
