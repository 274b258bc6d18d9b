# ruff: noqa: S608  (statements of constants of this module)
"""Rows to measure on, written by the superuser past every trigger: a hundred thousand in seconds.

Row `n` of an organisation is the same in every run. A work order has a visit with a technician and two steps, every
fifth a customer of its own with a contact, every fourth a site; a third of the customers owe
something. What is searched is written as the records' own triggers would.

One in fifty is still to be done, one in a thousand rare in whatever can be filtered by. Of whoever sees
only some, `few` has the same hundred visits, and a territory with the same twenty-five sites, however
many rows there are; `many` has a twentieth of everything, `nobody` nothing.
"""

from uuid import UUID

import asyncpg

ID = "md5({what} || {n} || $1::uuid::text)::uuid"
FROM_TO = "from generate_series($2::int, $3::int) n"

SURNAME = (
    "initcap(translate(substr(md5('name' || n), 1, 8), '0123456789abcdef', 'bcdfglmnprstvaei'))"
)
"""Eight letters that `n` alone decides, so that a name is rare however many there are."""
FIRST = "(array['Ada','Ben','Cleo','Dan','Eve','Finn','Gus','Hal'])[n % 8 + 1]"


def _id(what: str, n: str = "n") -> str:
    return ID.format(what=f"'{what}'", n=n)


CUSTOMER, SITE, ORDER, VISIT, TAG, TECHNICIAN = (
    _id("c", "(n / 5)"), _id("s", "(n / 4)"), _id("w"), _id("v"), _id("t", "(n % 5)"),
    _id("h", "(case when n < 1000 and n % 10 = 7 then 20 else n % 20 end)"),
)  # fmt: skip
TERRITORY = _id("r", "(case when n < 1000 and n % 40 = 0 then 20 else n / 4 % 20 end)")
VIEWERS = ("few", "many", "nobody")
"""Whose ids are `viewer(org, name)`."""
RARE, OPEN = "n % 1000 = 500", "n % 50 = 0"
VISIT_STATUS = (
    f"case when n % 1000 = 550 then 'paused' when {OPEN} then 'scheduled' else 'completed' end"
)
AT = "timestamptz '2023-01-01 00:00+00' + n * interval '13 minutes'"
STATUS = (
    f"case when {RARE} then 'canceled' when n % 1000 = 501 then 'on_hold'"
    " else (array['ready','scheduled','in_progress','completed','approved'])[n % 5 + 1] end"
)

SETTINGS = """
insert into organisation_settings select (jsonb_populate_record(s, jsonb_build_object(
  'org_id', $1::uuid, 'id', gen_random_uuid()))).* from organisation_settings s
  where org_id = $2 and not exists (select from organisation_settings where org_id = $1)
"""
ONCE = (
    # four kinds of work, five tags, and technicians, of whom the last has little to do
    (
        "insert into technicians (org_id, id, name, sort_name, color, time_zone, active, member_id, team_id)"
        f" select $1, {_id('h')}, 'Tech ' || n, 'tech ' || n, '#336699', 'America/Chicago', true,"
        f" case n when 20 then {_id('few', '0')} when 1 then {_id('many', '0')} end,"
        f" case when n in (1, 2) then {_id('u', '1')} when n = 20 then {_id('u', '20')} end"
        " from generate_series(0, 20) n"
    ),
    (
        "insert into teams (org_id, id, name) select $1, "
        f"{_id('u')}, 'Bench team ' || n from unnest(array[1, 20]) n"
    ),
    (
        "insert into territories (org_id, id, name, country, postal_codes, regions) select $1,"
        f" {_id('r')}, 'Bench territory ' || n, 'US', '{{}}', '{{}}' from generate_series(0, 20) n"
    ),
    (
        "insert into territory_members (org_id, id, territory_id, member_id) select $1,"
        f" {_id('rm')}, {_id('r')}, case n when 20 then {_id('few', '0')} else {_id('many', '0')} end"
        " from unnest(array[1, 20]) n"
    ),
    (
        f"insert into job_types (org_id, id, name, trade, duration_minutes, checklist) select $1, {_id('j')},"
        " 'Kind ' || n, 'septic', 60, '{}' from generate_series(0, 4) n"
    ),
    (
        f"insert into tags (org_id, id, entity, name, sort_name, color) select $1, {_id('t')},"
        " case when n > 5 then 'customer' else 'work_order' end, 'Tag ' || n, 'tag ' || n, '#336699'"
        " from generate_series(0, 7) n"
    ),
)
EACH = (
    (
        "insert into customers (org_id, id, kind, stage, name, sort_name, email, phone, billing_city,"
        " tax_exempt, created_at, credit_held_at, credit_hold_reason, service_stopped_at, service_stop_reason,"
        f" parent_id, unclaimed) select $1, {CUSTOMER}, case when {RARE} then 'business' else 'person' end,"
        f" case when {RARE} then 'former' else 'active' end, {FIRST} || ' ' || {SURNAME},"
        f" lower({SURNAME} || ' ' || {FIRST}), 'c' || n || '@example.com',"
        f" '+1312555' || lpad((n % 10000)::text, 4, '0'), 'Topeka', false, {AT}, case when {RARE} then {AT} end,"
        f" case when {RARE} then 'late' end, case when {RARE} then {AT} end, case when {RARE} then 'dog' end,"
        f" case when {RARE} then {_id('c', '0')} end, false {FROM_TO} where n % 5 = 0"
    ),
    (
        "insert into contacts (org_id, id, name, sort_name, phone, notify_appointments)"
        f" select $1, {_id('k', '(n / 5)')}, {FIRST} || ' Contact', 'contact ' || n,"
        " '+1312556' || lpad((n % 10000)::text, 4, '0'),"
        f" array['sms'] {FROM_TO} where n % 5 = 0"
    ),
    (
        "insert into customer_contacts (org_id, id, customer_id, contact_id, roles, is_primary)"
        f" select $1, {_id('l', '(n / 5)')}, {CUSTOMER}, {_id('k', '(n / 5)')}, array['billing'], true"
        f" {FROM_TO} where n % 5 = 0"
    ),
    (
        "insert into ledger_entries (org_id, id, posting_id, account, amount, currency, customer_id)"
        f" select $1, {_id('e', '(n / 5)')}, {_id('p', '(n / 5)')}, 'receivable', (n + 1) * 100, 'USD', {CUSTOMER}"
        f" {FROM_TO} where n % 15 = 0"
    ),
    (
        "insert into sites (org_id, id, street, city, region, postal_code, country, latitude, longitude,"
        f" time_zone, created_at, territory_id) select $1, {SITE}, n || ' Main Street', 'Topeka', 'KS', '66604', 'US',"
        f" 39.04 + n * 0.000001, -95.7, 'America/Chicago', {AT}, {TERRITORY} {FROM_TO} where n % 4 = 0"
    ),
    (
        "insert into work_orders (org_id, id, number, status, priority, customer_id, site_id, job_type_id,"
        f" summary, description, created_at, updated_at) select $1, {ORDER}, 'W-' || lpad(n::text, 6, '0'),"
        f" {STATUS}, case when {RARE} then 'emergency' else 'normal' end, {CUSTOMER}, {SITE},"
        f" {_id('j', f'(case when {RARE} then 4 else n % 4 end)')}, 'Pump the tank at ' || {SURNAME},"
        f" 'Call before you come. Behind the house.', {AT}, {AT} {FROM_TO}"
    ),
    (
        "insert into checklist_items (org_id, id, work_order_id, position, title, required)"
        f" select $1, md5('i' || n || k || $1::uuid::text)::uuid, {ORDER}, k, 'Step ' || k, k = 1"
        " from generate_series($2::int, $3::int) n, generate_series(0, 1) k"
    ),
    (
        "insert into visits (org_id, id, work_order_id, status, duration_minutes, planned_start,"
        f" planned_end, promised_start, promised_end, created_at) select $1, {VISIT}, {ORDER}, {VISIT_STATUS},"
        f" 60, {AT}, {AT} + interval '1 hour', case when {OPEN} then {AT} end,"
        f" case when {OPEN} then {AT} + interval '1 hour' end, {AT} {FROM_TO}"
    ),
    (
        "insert into assignments (org_id, id, visit_id, technician_id, status, is_lead)"
        f" select $1, {_id('a')}, {VISIT}, {TECHNICIAN}, 'offered', true {FROM_TO} where not {RARE}"
    ),
    (
        "insert into taggings (org_id, id, tag_id, entity, entity_id)"
        f" select $1, {_id('g')}, {TAG}, 'work_order', {ORDER} {FROM_TO} where n % 3 = 0"
    ),
    (
        "insert into taggings (org_id, id, tag_id, entity, entity_id)"
        f" select $1, {_id('gr')}, {_id('t', '5')}, 'work_order', {ORDER} {FROM_TO} where {RARE}"
    ),
    (
        "insert into taggings (org_id, id, tag_id, entity, entity_id)"
        f" select $1, {_id('gc')}, {_id('t', f'(case when {RARE} then 7 else 6 end)')}, 'customer', {CUSTOMER}"
        f" {FROM_TO} where n % 15 = 0 or {RARE}"
    ),
    (
        "insert into site_parties (org_id, id, site_id, customer_id, role)"
        f" select $1, {_id('sp')}, {SITE}, {CUSTOMER}, 'owner' {FROM_TO} where n % 4 = 0"
    ),
    (
        "insert into search_documents (org_id, entity_id, entity, title, subtitle, words, digits)"
        " select org_id, id, 'customer', name, concat_ws(' · ', phone, email),"
        " lower(concat_ws(' ', name, email)), substr(phone, 2) from customers"
        f" where org_id = $1 and id in (select {CUSTOMER} {FROM_TO} where n % 5 = 0)"
    ),
    (
        "insert into search_documents (org_id, entity_id, entity, title, subtitle, words, digits)"
        " select org_id, id, 'site', street, 'Topeka, KS 66604', lower(street || ' topeka ks 66604'), ''"
        f" from sites where org_id = $1 and id in (select {SITE} {FROM_TO} where n % 4 = 0)"
    ),
    (
        "insert into search_documents (org_id, entity_id, entity, title, subtitle, words, digits)"
        " select org_id, id, 'work_order', number, summary, lower(number || ' ' || summary),"
        f" substr(number, 3) from work_orders where org_id = $1 and id in (select {ORDER} {FROM_TO})"
    ),
)
TABLES = (
    "organisation_settings", "members", "site_parties", "teams", "territories", "territory_members", "customers", "contacts", "customer_contacts",
    "ledger_entries", "sites", "job_types", "work_orders", "checklist_items", "visits", "technicians",
    "assignments", "tags",
    "taggings", "equipment", "work_order_equipment", "notes", "attachments", "files",
    "search_documents",
)  # fmt: skip
"""Those that the measured reads read."""


async def add(connection: asyncpg.Connection, org: UUID, like: UUID, first: int, last: int) -> None:
    """Write the work orders from `first` to `last` of an organisation, and what hangs on them.

    An organisation without settings has those of `like`. Multiples of twenty keep whole families.
    """
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(SETTINGS, org, like)
        if first == 0:
            for statement in ONCE:
                await connection.execute(statement, org)
        for statement in EACH:
            await connection.execute(statement, org, first, last)


async def learn(connection: asyncpg.Connection, schema: str = "public") -> None:
    """Let the planner know what there is."""
    for table in TABLES:
        await connection.execute(f"vacuum analyze {schema}.{table}")
