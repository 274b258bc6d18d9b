"""Contacts: people one talks to, of any number of customers."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.support.field import booked_with
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import some_work

CONTACTS, CUSTOMERS = "/api/v2/contacts", "/api/v2/customers"


async def a_customer(person: Person, name: str = "Harbor Flats") -> str:
    return str((await person.made(CUSTOMERS, {"name": name, "kind": "business"}))["id"])


def linked(customer_id: str, *roles: str, primary: bool = False) -> dict[str, Any]:
    return {"customer_id": customer_id, "roles": list(roles), "is_primary": primary}


async def test_a_contact_of_two_customers_is_added_changed_deleted_and_brought_back(
    acme: Company,
) -> None:
    dana = await acme.person("dispatcher")
    flats, mall = await a_customer(dana), await a_customer(dana, "Copper Mall")
    pat = await dana.made(
        CONTACTS,
        {
            "name": "Pat Moreno",
            "title": "Caretaker",
            "mobile": "(602) 555-0177",
            "email": "pat@Harbor.example",
            "notifications": {"on_the_way": ["sms"], "invoices": ["email"]},
            "customers": [linked(flats, "manager", "billing", primary=True), linked(mall, "other")],
        },
    )
    assert (pat["mobile"], pat["email"]) == ("+16025550177", "pat@harbor.example")
    assert pat["notifications"]["on_the_way"] == ["sms"]
    assert pat["notifications"]["marketing"] == []
    assert [(one["customer"]["name"], one["roles"]) for one in pat["customers"]] == [
        ("Harbor Flats", ["manager", "billing"]), ("Copper Mall", ["other"]),
    ]  # fmt: skip
    path = f"{CONTACTS}/{pat['id']}"
    changed = await dana.patched(path, pat["version"], {"phone": "(602) 555-0178"})
    assert changed["phone"] == "+16025550178"

    shown = (await dana.got(f"{CUSTOMERS}/{flats}"))["contacts"]
    assert [(one["name"], one["is_primary"]) for one in shown] == [("Pat Moreno", True)]
    of_mall = await dana.got(CONTACTS, customer_id=mall, role="other")
    assert [one["name"] for one in of_mall["data"]] == ["Pat Moreno"]
    assert (await dana.got(CONTACTS, customer_id=mall, role="billing"))["data"] == []
    by_mobile = await dana.got(CONTACTS, phone="602-555-0177", customer_id=mall)
    assert len(by_mobile["data"]) == 1

    assert (await dana.delete(path)).status_code == 204
    assert (await dana.got(f"{CUSTOMERS}/{flats}"))["contacts"] == []
    assert (await dana.made(f"{path}/restore"))["deleted_at"] is None
    story = await dana.got(f"{CUSTOMERS}/{flats}/timeline")
    assert [one["sentence"] for one in story["data"]] == [
        "Contact Pat Moreno was restored.",
        "Contact Pat Moreno was deleted.",
        "Contact Pat Moreno was changed (phone).",
        "Contact Pat Moreno was added.",
        "Customer Harbor Flats was added.",
    ]


async def test_one_contact_is_called_first_however_many_say_so_at_once(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    flats = await a_customer(dana)
    ids = [
        (await dana.made(CONTACTS, {"name": f"Contact {n}", "customers": [linked(flats, "other")]}))
        ["id"]
        for n in range(6)
    ]  # fmt: skip
    replies = await asyncio.gather(
        *(
            dana.put(
                f"{CONTACTS}/{id}/customers/{flats}",
                json={"roles": ["billing"], "is_primary": True},
            )
            for id in ids
        )
    )
    assert {reply.status_code for reply in replies} == {200}
    shown = (await dana.got(f"{CUSTOMERS}/{flats}"))["contacts"]
    assert [one["is_primary"] for one in shown] == [True, False, False, False, False, False]


async def test_a_contact_is_linked_and_taken_away(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    flats = await a_customer(dana)
    pat = await dana.made(CONTACTS, {"name": "Pat"})
    path = f"{CONTACTS}/{pat['id']}/customers/{flats}"
    first = await dana.put(path, json={"roles": ["tenant"]})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    again = await dana.put(path, json={"roles": ["tenant"]})
    assert again.json()["version"] == 2
    assert (await dana.delete(path)).status_code == 204
    gone = await dana.delete(path)
    assert (gone.status_code, gone.json()["detail"]) == (
        404,
        "Pat is no contact of Harbor Flats.",
    )
    story = await dana.got(f"{CONTACTS}/{pat['id']}/timeline")
    assert [one["sentence"] for one in story["data"]][:2] == [
        "Pat is no contact of Harbor Flats any more.",
        "Pat is a contact of Harbor Flats (tenant).",
    ]
    strange = await dana.put(
        f"{CONTACTS}/{pat['id']}/customers/{uuid4()}", json={"roles": ["tenant"]}
    )
    assert strange.status_code == 404


async def test_nobody_is_told_by_a_channel_that_does_not_reach_them(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    wish = {"name": "Pat", "notifications": {"appointments": ["sms"]}}
    deaf = await dana.post(CONTACTS, json=wish)
    assert deaf.status_code == 422
    assert deaf.json()["errors"][0]["pointer"] == "/notifications/appointments"
    assert "no phone number" in deaf.json()["detail"]
    pat = await dana.made(CONTACTS, wish | {"phone": "602 555 0177"})
    lost = await dana.patch(
        f"{CONTACTS}/{pat['id']}", json={"phone": None}, headers={"If-Match": '"v1"'}
    )
    assert (lost.status_code, lost.json()["errors"][0]["code"]) == (422, "unreachable")
    await dana.patched(
        f"{CONTACTS}/{pat['id']}", 1, {"phone": None, "notifications": {"appointments": []}}
    )
    twice = await a_customer(dana)
    reply = await dana.post(
        CONTACTS, json={"name": "Q", "customers": [linked(twice, "other"), linked(twice, "owner")]}
    )
    assert reply.json()["errors"][0]["pointer"] == "/customers/1/customer_id"


async def test_search_finds_a_contact_by_phone_fragment_and_name(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    pat = await dana.made(
        CONTACTS, {"name": "Zofia Łaska", "mobile": "+1 602 555 0199", "email": "zo@example.com"}
    )
    for q in ("laska", "5550199", "555-0199", "zo@exam"):
        hits = (await dana.got("/api/v2/search", q=q, types="contact"))["data"]
        assert [hit["id"] for hit in hits] == [pat["id"]], q
    assert (await tina.got("/api/v2/search", q="laska"))["data"] == []
    assert (await dana.delete(f"{CONTACTS}/{pat['id']}")).status_code == 204
    assert (await dana.got("/api/v2/search", q="laska"))["data"] == []


async def test_a_technician_sees_the_contacts_of_own_work_and_no_other_customer_of_theirs(
    acme: Company,
) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician", "tina")
    work = await some_work(acme, dana)
    theirs, other = work.customer["id"], await a_customer(dana, "Not Tina's")
    await booked_with(acme, await work.order(summary="Mine"), tina, name="Tina")
    pat = await dana.made(
        CONTACTS, {"name": "Pat", "customers": [linked(theirs, "tenant"), linked(other, "owner")]}
    )
    unseen = await dana.made(CONTACTS, {"name": "Quinn", "customers": [linked(other, "owner")]})
    assert [one["name"] for one in (await tina.got(CONTACTS))["data"]] == ["Pat"]
    seen = await tina.got(f"{CONTACTS}/{pat['id']}")
    assert [one["customer"]["id"] for one in seen["customers"]] == [theirs]
    assert (await tina.get(f"{CONTACTS}/{unseen['id']}")).status_code == 404
    assert [c["name"] for c in (await tina.got(f"{CUSTOMERS}/{theirs}"))["contacts"]] == ["Pat"]


async def test_contacts_cost_the_list_of_customers_no_more_queries(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    for n in range(6):
        flats = await a_customer(dana, f"Queried {n}")
        await dana.made(CONTACTS, {"name": f"Of {n}", "customers": [linked(flats, "other")]})
    counts = []
    for path in (CUSTOMERS, CONTACTS):
        for limit in (1, 6):
            with counted(acme.server) as asked:
                page = await dana.got(path, limit=limit)
            counts.append((len(page["data"]), len(asked)))
    assert counts[0][1] == counts[1][1]
    assert counts[2][1] == counts[3][1]
