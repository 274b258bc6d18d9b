"""Search through the door people use, and by its index."""

import asyncpg

from tests.support.deep import times
from tests.support.field import a_job, booked_with
from tests.support.people import Company, Person
from tests.support.server import Server


async def titles(person: Person, q: str, **params: object) -> list[str]:
    return [hit["title"] for hit in (await person.got("/api/v2/search", q=q, **params))["data"]]


async def test_a_customer_is_found_by_whatever_one_remembers(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await dana.made(
        "/api/v2/customers",
        {"name": "Zoë Müller-Lee", "phone": "(785) 555-0142", "email": "zoe@example.com"},
    )
    for q in ("zoe muller", "MÜLLER", "lee zoë", "555-0142", "550142", "zoe@example", "(785) 555"):
        assert await titles(dana, q) == ["Zoë Müller-Lee"], q
    for q in ("nobody", "%", "zoe_", "5559999"):
        assert await titles(dana, q) == [], q

    await dana.patched(f"/api/v2/customers/{ann['id']}", 1, {"name": "Zoë Park"})
    assert await titles(dana, "muller") == []
    assert (await dana.delete(f"/api/v2/customers/{ann['id']}")).status_code == 204
    assert await titles(dana, "park") == []


async def test_a_site_is_found_by_its_address(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    owner = await dana.made("/api/v2/customers", {"name": "Site Owner"})
    await dana.made(
        "/api/v2/sites",
        {"street": "4120 Prairie Rd", "postal_code": "66044", "customer_id": owner["id"]},
    )
    assert await titles(dana, "4120 prairie") == ["4120 Prairie Rd"]
    assert await titles(dana, "lawrence prairie") == ["4120 Prairie Rd"]
    assert await titles(dana, "prairie", types="customer") == []


async def test_nobody_finds_what_they_may_not_read(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    theo = await acme.person("technician")
    await dana.made("/api/v2/customers", {"name": "Secret Garden"})
    assert await titles(dana, "secret garden") == ["Secret Garden"]
    assert await titles(rob, "secret garden") == []
    # the technician has no work there, so `get` would refuse it and search does not show it
    assert await titles(theo, "secret garden") == []


async def test_a_name_with_a_mistake_is_found(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    await dana.made("/api/v2/customers", {"name": "Henrietta Vandersmith"})
    await dana.made("/api/v2/customers", {"name": "Henry Smithers"})
    for q in ("vandersmiht", "vandresmith", "hennrietta", "Hénrieta Vandersmth", "henrieta vander"):
        assert await titles(dana, q) == ["Henrietta Vandersmith"], q
    assert await titles(dana, "smitehrs") == ["Henry Smithers"]
    for q in ("vandermeer", "henr vandalism", "xmxthxrs"):
        assert await titles(dana, q) == [], q
    # what is written right comes alone
    assert await titles(dana, "henry") == ["Henry Smithers"]
    theo = await acme.person("technician")
    assert await titles(theo, "vandersmiht") == []


async def test_search_goes_through_its_index(acme: Company, server: Server) -> None:
    connection = await asyncpg.connect(server.database.admin)
    await connection.execute(
        "insert into search_documents (org_id, entity_id, entity, title, subtitle, words, digits)"
        " select case when n % 5 = 1 then $1 else md5((n % 5)::text)::uuid end, gen_random_uuid(),"
        " 'customer', 'Filler ' || n, '', 'filler ' || md5(n::text) || repeat(' street', 12), n::text"
        " from generate_series(1, $2) n",
        acme.id,
        times(20_000, deep=100_000),
    )
    await connection.execute("analyze search_documents")
    await connection.execute("select set_config('app.org_id', $1, false)", str(acme.id))
    await connection.execute("set role truckroll_search")
    await connection.execute("select set_config('pg_trgm.word_similarity_threshold', '0.3', false)")
    alike = await connection.fetchval(
        "select prosrc from pg_proc where oid = 'system.find_alike'::regproc"
    )
    for name, value in (
        ("p_word", "'c4ca4283'"),
        ("p_entities", "array['customer', 'site']"),
        ("p_only", "null::uuid[]"),
        ("p_limit", "20"),
    ):
        alike = alike.replace(name, value)
    near = "\n".join(row[0] for row in await connection.fetch("explain " + alike))
    assert "ix_search_documents_words" in near, near
    assert "Seq Scan" not in near
    source = await connection.fetchval(
        "select prosrc from pg_proc where oid = 'system.find'::regproc"
    )
    for name, value in (
        ("p_words", "(array['%c4ca4238%'])"),
        ("p_digits", "''"),
        ("p_entities", "array['customer', 'site']"),
        ("p_only", "null::uuid[]"),
        ("p_limit", "20"),
    ):
        source = source.replace(name, value)
    plan = "\n".join(row[0] for row in await connection.fetch("explain " + source))
    await connection.close()
    assert "ix_search_documents_words" in plan, plan
    assert "Seq Scan" not in plan
    dana = await acme.person("dispatcher")
    assert await titles(dana, "c4ca4238") == ["Filler 1"]
    assert len(await titles(dana, "filler", limit=5)) == 5


async def test_whatever_search_shows_can_be_opened(acme: Company) -> None:
    """A technician finds the customer, the site and the work of their own visits, and no others."""
    theo = await acme.person("technician", "theo")
    theirs, others = await a_job(acme), await a_job(acme)
    summary = {"summary": "Ann's pump, 12 Main"}
    work = await theirs.work.order(**summary)
    await booked_with(acme, work, theo, name="Theo")
    await others.work.order(**summary)

    expected = {
        "ann": {theirs.work.customer["id"], work["id"]},
        "12 main": {theirs.work.site["id"], work["id"]},
        "555-0142": {theirs.work.customer["id"]},
    }
    for q, ids in expected.items():
        hits = (await theo.got("/api/v2/search", q=q))["data"]
        assert {hit["id"] for hit in hits} == ids, q
        for hit in hits:
            opened = await theo.get(f"/api/v2/{hit['entity'].replace('_', '-')}s/{hit['id']}")
            assert opened.status_code == 200, hit
    dana = await acme.person("dispatcher")
    assert len((await dana.got("/api/v2/search", q="ann"))["data"]) > len(expected["ann"])
