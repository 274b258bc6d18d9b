"""Search by words through its index: `~~ ALL` reaches none, one `~~` does."""

from alembic import op

revision = "0090"
down_revision = "0050"
branch_labels = None
depends_on = None

HEAD = """
create or replace function system.find(
  p_words text[], p_digits text, p_entities text[], p_only uuid[], p_limit integer)
returns table (entity text, entity_id uuid, title text, subtitle text, rank real)
language sql stable security definer set search_path = pg_catalog, pg_temp as
"""

# words come longest first: the first one narrows by the index, the others are checked on its rows
BY_INDEX = """$$
  with org as (select pg_catalog.current_setting('app.org_id')::uuid as id),
  hits as (
    select d.entity, d.entity_id, d.title, d.subtitle, 1::real as rank
      from public.search_documents d
     where p_digits <> '' and d.org_id = (select id from org)
       and d.digits operator(pg_catalog.~~) ('%' || p_digits || '%')
    union all
    select d.entity, d.entity_id, d.title, d.subtitle,
           public.word_similarity(pg_catalog.array_to_string(p_words, ' '), d.words)
      from public.search_documents d
     where p_words <> '{}' and d.org_id = (select id from org)
       and d.words operator(pg_catalog.~~) (p_words[1])
       and d.words operator(pg_catalog.~~) all (p_words))
  select h.entity, h.entity_id, h.title, h.subtitle, pg_catalog.max(h.rank)
    from hits h
   where h.entity = any (p_entities) and (p_only is null or h.entity_id = any (p_only))
   group by h.entity, h.entity_id, h.title, h.subtitle
   order by 5 desc, h.title, h.entity_id
   limit least(p_limit, 200)
$$"""

BEFORE = """$$
  select d.entity, d.entity_id, d.title, d.subtitle,
         case when p_digits <> '' and d.digits operator(pg_catalog.~~) ('%' || p_digits || '%') then 1
              else public.word_similarity(pg_catalog.array_to_string(p_words, ' '), d.words) end
    from public.search_documents d
   where d.org_id = (select pg_catalog.current_setting('app.org_id')::uuid)
     and d.entity = any (p_entities)
     and (p_only is null or d.entity_id = any (p_only))
     and ((p_digits <> '' and d.digits operator(pg_catalog.~~) ('%' || p_digits || '%'))
       or (p_words <> '{}' and d.words operator(pg_catalog.~~) all (p_words)))
   order by 5 desc, d.title, d.entity_id
   limit least(p_limit, 200)
$$"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(HEAD + BY_INDEX)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute(HEAD + BEFORE)
