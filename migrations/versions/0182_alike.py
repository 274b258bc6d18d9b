"""Finding what was misspelt: the rows with a word like the one that was asked for, by the same index."""

from alembic import op

revision = "0182"
down_revision = "0202"
branch_labels = None
depends_on = None

ALIKE = """
create function system.find_alike(
  p_word text, p_entities text[], p_only uuid[], p_limit integer)
returns table (entity text, entity_id uuid, title text, subtitle text, words text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.entity, d.entity_id, d.title, d.subtitle, d.words
    from public.search_documents d
   where d.org_id = (select pg_catalog.current_setting('app.org_id')::uuid)
     and d.words operator(public.%>) p_word
     and d.entity = any (p_entities) and (p_only is null or d.entity_id = any (p_only))
   order by public.word_similarity(p_word, d.words) desc, d.title, d.entity_id
   limit least(p_limit, 200)
$$
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(ALIKE)
    op.execute("grant create on schema system to truckroll_search")
    op.execute("alter function system.find_alike owner to truckroll_search")
    op.execute("revoke create on schema system from truckroll_search")
    op.execute("revoke all on function system.find_alike from public")
    op.execute("grant execute on function system.find_alike to truckroll_app")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("drop function system.find_alike")
