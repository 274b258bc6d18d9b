"""Tags: words of one's own on customers, contacts, sites, equipment and work orders."""

from typing import Any
from uuid import uuid4

from tests.support.field import booked_with
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import ORDERS, some_work

TAGS, CUSTOMERS, SITES = "/api/v2/tags", "/api/v2/customers", "/api/v2/sites"


async def a_tag(person: Person, name: str | None = None, entity: str = "customer") -> Any:
    return await person.made(TAGS, {"entity": entity, "name": name or f"Tag {uuid4()}"})


async def put(person: Person, tag: Any, *ids: str, verb: str = "attach") -> Any:
    return await person.made(f"{TAGS}/{tag['id']}/{verb}", {"entity_ids": list(ids)})


async def customers(person: Person, number: int) -> list[str]:
    return [
        str((await person.made(CUSTOMERS, {"name": f"Tagged {n}"}))["id"]) for n in range(number)
    ]


async def test_a_tag_is_put_on_records_counted_and_taken_off(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    vip = await dana.made(TAGS, {"entity": "customer", "name": "VIP", "color": "#CC3344"})
    assert (vip["color"], vip["usage"]) == ("#cc3344", 0)
    ann, bo = await customers(dana, 2)
    assert (await put(dana, vip, ann, bo, ann))["usage"] == 2
    assert (await put(dana, vip, ann))["usage"] == 2
    shown = await dana.got(f"{CUSTOMERS}/{ann}")
    assert shown["tags"] == [{"id": vip["id"], "name": "VIP", "color": "#cc3344"}]
    tagged = await dana.got(CUSTOMERS, tag_id=vip["id"])
    assert {one["id"] for one in tagged["data"]} == {ann, bo}
    assert (await put(dana, vip, bo, verb="detach"))["usage"] == 1
    assert (await dana.delete(f"{CUSTOMERS}/{ann}")).status_code == 204
    assert (await dana.got(f"{TAGS}/{vip['id']}"))["usage"] == 0
    story = await dana.got(f"{CUSTOMERS}/{bo}/timeline")
    assert [one["sentence"] for one in story["data"]][:2] == [
        "Tag “VIP” was taken off 1 customer.",
        "Tag “VIP” was put on 2 customers.",
    ]


async def test_each_kind_of_record_has_its_tags_and_its_filter(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order()
    tank = await dana.made("/api/v2/equipment", {"site_id": work.site["id"], "type": "Tank"})
    pat = await dana.made("/api/v2/contacts", {"name": "Pat"})
    for entity, path, id in (
        ("customer", CUSTOMERS, work.customer["id"]),
        ("contact", "/api/v2/contacts", pat["id"]),
        ("site", SITES, work.site["id"]),
        ("equipment", "/api/v2/equipment", tank["id"]),
        ("work_order", ORDERS, order["id"]),
    ):
        tag = await a_tag(dana, "Urgent", entity)
        await put(dana, tag, id)
        assert [one["name"] for one in (await dana.got(f"{path}/{id}"))["tags"]] == ["Urgent"]
        found = await dana.got(path, tag_id=tag["id"])
        assert [one["id"] for one in found["data"]] == [id], entity
        elsewhere = await dana.post(
            f"{TAGS}/{tag['id']}/attach", json={"entity_ids": [str(uuid4())]}
        )
        assert elsewhere.status_code == 404
        assert elsewhere.json()["errors"][0]["pointer"] == "/entity_ids/0"


async def test_one_name_once_for_each_kind_of_record(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    await a_tag(dana, "Überfällig")
    twice = await dana.post(TAGS, json={"entity": "customer", "name": "uberfallig"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")
    assert "Merge the two." in twice.json()["detail"]
    await a_tag(dana, "Überfällig", "site")
    found = await dana.got(TAGS, name="UBERFALLIG", entity="customer")
    assert [one["name"] for one in found["data"]] == ["Überfällig"]


async def test_merging_moves_every_use_and_stays_merged(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    late, overdue = await a_tag(dana, "Late"), await a_tag(dana, "Overdue")
    ann, bo, cy = await customers(dana, 3)
    await put(dana, late, ann, bo)
    await put(dana, overdue, bo, cy)
    stays = await dana.made(f"{TAGS}/{late['id']}/merge", {"into_id": overdue["id"]})
    assert (stays["id"], stays["usage"]) == (overdue["id"], 3)
    assert [one["name"] for one in (await dana.got(f"{CUSTOMERS}/{ann}"))["tags"]] == ["Overdue"]
    assert [one["name"] for one in (await dana.got(f"{CUSTOMERS}/{bo}"))["tags"]] == ["Overdue"]
    assert (await dana.get(f"{TAGS}/{late['id']}")).status_code == 404
    back = await dana.post(f"{TAGS}/{late['id']}/restore")
    assert (back.status_code, back.json()["code"]) == (409, "merged")
    for other, code in ((overdue, "itself"), (await a_tag(dana, "Gate", "site"), "other_kind")):
        reply = await dana.post(f"{TAGS}/{overdue['id']}/merge", json={"into_id": other["id"]})
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, code)


async def test_a_deleted_tag_is_off_every_record_until_it_is_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tag = await a_tag(dana, "Seasonal")
    (ann,) = await customers(dana, 1)
    await put(dana, tag, ann)
    assert (await dana.delete(f"{TAGS}/{tag['id']}")).status_code == 204
    assert (await dana.got(f"{CUSTOMERS}/{ann}"))["tags"] == []
    await dana.made(f"{TAGS}/{tag['id']}/restore")
    assert [one["name"] for one in (await dana.got(f"{CUSTOMERS}/{ann}"))["tags"]] == ["Seasonal"]


async def test_a_technician_counts_only_what_they_see_and_tags_nothing(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician", "tina")
    work = await some_work(acme, dana)
    await booked_with(acme, await work.order(), tina, name="Tina")
    tag = await a_tag(dana)
    await put(dana, tag, work.customer["id"], *await customers(dana, 2))
    assert (await tina.got(f"{TAGS}/{tag['id']}"))["usage"] == 1
    refused = await tina.post(
        f"{TAGS}/{tag['id']}/attach", json={"entity_ids": [work.customer["id"]]}
    )
    assert (refused.status_code, refused.json()["permission"]) == (403, "tags:write")


async def test_tags_cost_lists_no_more_queries(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for id in await customers(dana, 5):
        await put(dana, await a_tag(dana), id)
    for path in (CUSTOMERS, TAGS):
        counts = []
        for limit in (1, 5):
            with counted(acme.server) as asked:
                await dana.got(path, limit=limit)
            counts.append(len(asked))
        assert counts[0] == counts[1], path
