"""Who is here already: asked before adding somebody, and said when somebody was added."""

from itertools import combinations
from typing import Any

import pytest

from app.services import duplicate_pairs
from tests.support.field import booked_with
from tests.support.people import Company
from tests.support.work import some_work

CUSTOMERS = "/api/v2/customers"
DUPLICATES = f"{CUSTOMERS}/duplicates"
PAIRS = f"{CUSTOMERS}/duplicate-pairs"


def graded(reply: Any) -> list[tuple[str, str, list[str]]]:
    return [(one["name"], one["grade"], one["reasons"]) for one in reply["data"]]


async def test_somebody_is_recognised_by_phone_name_mail_and_address(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    kay = await dana.made(
        CUSTOMERS,
        {"name": "Kayleigh Brannigan", "phone": "(602) 555-0111", "email": "kay@Example.com"},
    )
    await dana.made(
        "/api/v2/sites",
        {"customer_id": kay["id"], "street": "4120 Prairie Road", "postal_code": "85001"},
    )
    await dana.made(CUSTOMERS, {"name": "Somebody Else", "phone": "(602) 555-0112"})
    for asked, grade, reasons in (
        ({"phone": "602.555.0111"}, "possible", ["same phone"]),
        ({"name": "Kayleigh Branigan"}, "possible", ["similar name"]),
        ({"name": "brannigan kayleigh"}, "possible", ["similar name"]),
        ({"email": "kay@example.com"}, "possible", ["same e-mail address"]),
        ({"address": "4120 Prairie Rd, Phoenix, AZ 85001"}, "possible", ["similar address"]),
        (
            {"name": "Kayleigh Branigan", "phone": "6025550111"},
            "likely",
            ["same phone", "similar name"],
        ),
        (
            {"phone": "6025550111", "address": "4120 Prairie Rd, 85001"},
            "likely",
            ["same phone", "similar address"],
        ),
    ):
        found = graded(await dana.got(DUPLICATES, **asked))
        assert found == [("Kayleigh Brannigan", grade, reasons)], asked
    for asked in ({"name": "Zebedee Quux"}, {"address": "4122 Prairie Rd, Phoenix, AZ 85001"}):
        assert graded(await dana.got(DUPLICATES, **asked)) == [], asked
    assert (await dana.got(DUPLICATES))["data"] == []


async def test_the_phone_of_a_contact_speaks_for_their_customer(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    flats = await dana.made(CUSTOMERS, {"name": "Harbor Flats", "kind": "business"})
    await dana.made(
        "/api/v2/contacts",
        {
            "name": "Pat",
            "mobile": "(602) 555-0133",
            "customers": [{"customer_id": flats["id"], "roles": ["manager"]}],
        },
    )
    assert graded(await dana.got(DUPLICATES, phone="6025550133")) == [
        ("Harbor Flats", "possible", ["same phone"])
    ]


async def test_whoever_is_added_is_told_whom_they_resemble(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    first = await dana.made(CUSTOMERS, {"name": "Ottoline Vance", "phone": "602 555 0144"})
    assert first["possible_duplicates"] == []
    second = await dana.made(CUSTOMERS, {"name": "Otoline Vance", "phone": "602 555 0144"})
    (one,) = second["possible_duplicates"]
    assert (one["id"], one["grade"]) == (first["id"], "likely")
    assert one["reasons"] == ["same phone", "similar name"]
    assert (await dana.delete(f"{CUSTOMERS}/{first['id']}")).status_code == 204
    left = await dana.got(DUPLICATES, name="Ottoline Vance")
    assert [found["id"] for found in left["data"]] == [second["id"]]


async def test_a_hundred_namesakes_do_not_hide_the_one_it_is(acme: Company) -> None:
    dana, tilda = await acme.person("dispatcher"), await acme.person("technician", "tilda")
    for _ in range(101):
        await dana.made(CUSTOMERS, {"name": "Maria Garcia"})
    work = await some_work(acme, dana)
    await booked_with(acme, await work.order(), tilda, name="Tilda")
    maria = {"name": "Maria Garcia", "phone": "602 555 0166", "email": "maria@example.com"}
    made = await dana.patched(f"{CUSTOMERS}/{work.customer['id']}", work.customer["version"], maria)
    all_three = ["same e-mail address", "same phone", "similar name"]
    address = f"{work.site['street']}, {work.site['postal_code']}"
    for asked, reasons in (
        (maria, all_three),
        ({"name": "Maria Garcia", "phone": maria["phone"]}, ["same phone", "similar name"]),
        ({"name": "Maria Garcia", "address": address}, ["similar name", "similar address"]),
    ):
        for person in (dana, tilda):
            first = (await person.got(DUPLICATES, **asked))["data"][0]
            assert (first["id"], first["grade"], first["reasons"]) == (
                made["id"], "likely", reasons,
            )  # fmt: skip
    # with a parent it is added by the route, without one on the short way
    flats = await dana.made(CUSTOMERS, {"name": "Quince Holdings", "kind": "business"})
    for more in ({}, {"parent_id": flats["id"]}):
        again = await dana.made(CUSTOMERS, {**maria, **more})
        assert made["id"] in [one["id"] for one in again["possible_duplicates"]]
        assert again["possible_duplicates"][0]["reasons"] == all_three


async def test_nobody_is_told_of_customers_they_do_not_see(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    tina = await acme.person("technician", "tina")
    work = await some_work(acme, dana)
    await booked_with(acme, await work.order(), tina, name="Tina")
    await dana.made(CUSTOMERS, {"name": "Ann Leigh", "phone": work.customer["phone"]})
    asked = {"phone": work.customer["phone"], "name": "Ann Lee"}
    assert len((await dana.got(DUPLICATES, **asked))["data"]) == 2
    assert [one["id"] for one in (await tina.got(DUPLICATES, **asked))["data"]] == [
        work.customer["id"]
    ]
    assert (await rob.got(DUPLICATES, **asked))["data"] == []


async def test_all_are_looked_through_for_those_who_are_there_twice(
    acme: Company, rival: Company
) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    flats = await dana.made(CUSTOMERS, {"name": "Quarry Flats", "kind": "business"})
    pat = {"name": "Pat", "mobile": "(602) 555-0177"}
    await dana.made("/api/v2/contacts", {**pat, "customers": [{"customer_id": flats["id"]}]})
    for who in range(120):
        await dana.made(CUSTOMERS, {"name": f"Passer-by {who:03} {'xyz'[who % 3] * 5}"})
    twin = {"name": "Quary Flats", "phone": "602 555 0177", "kind": "business"}
    await dana.made(CUSTOMERS, twin)
    home = {"street": "77 Quarry Rd", "postal_code": "85001"}
    for name in ("Uma Thorne", "Thorne, Uma"):
        made = await dana.made(CUSTOMERS, {"name": name})
        await dana.made("/api/v2/sites", {"customer_id": made["id"], **home})
    await dana.made(CUSTOMERS, {"name": "Una Thorn-Gale", "phone": "602 555 0199"})

    async def scanned(who: Any) -> list[tuple[str, str, list[str]]]:
        found, looked_at, after = [], 0, {}
        while True:
            stretch = await who.got(f"{CUSTOMERS}/duplicate-pairs", **after)
            looked_at += stretch["looked_at"]
            found += [
                (one["first"]["name"], one["second"]["name"], one["reasons"])
                for one in stretch["data"]
            ]
            if stretch["next_after"] is None:
                break
            after = {"after": stretch["next_after"]}
        assert looked_at == (await who.got(CUSTOMERS, limit=1, include_total=True))["total"]
        return found

    found = await scanned(dana)
    assert ("Quarry Flats", "Quary Flats", ["same phone", "similar name"]) in found
    assert ("Uma Thorne", "Thorne, Uma", ["similar name", "similar address"]) in found
    assert not [pair for pair in found if "Una Thorn-Gale" in pair or "Passer" in pair[0]]
    assert await scanned(rob) == []


async def test_who_lives_with_a_namesake_is_found_among_many(
    acme: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = await acme.person("dispatcher")
    for _ in range(11):
        await dana.made(CUSTOMERS, {"name": "Hanna Berg"})
    home = {"billing_street": "31 Juniper Way", "billing_postal_code": "85003"}
    two = [await dana.made(CUSTOMERS, {"name": "Hanna Berg", **home}) for _ in range(2)]
    three = [
        await dana.made(CUSTOMERS, {"name": "Ib Holm", "phone": "602 555 0188"}) for _ in range(3)
    ]

    async def scanned() -> tuple[list[tuple[str, str]], bool]:
        found, cut, after = [], False, {}
        while True:
            stretch = await dana.got(PAIRS, **after)
            found += [(one["first"]["id"], one["second"]["id"]) for one in stretch["data"]]
            cut |= stretch["cut"]
            if stretch["next_after"] is None:
                return found, cut
            after = {"after": stretch["next_after"]}

    ibs = {(one["id"], other["id"]) for one, other in combinations(three, 2)}
    found, cut = await scanned()
    assert {(two[0]["id"], two[1]["id"]), *ibs} <= set(found)
    assert cut is False
    monkeypatch.setattr(duplicate_pairs, "WITH_EACH", 1)
    found, cut = await scanned()
    assert len(ibs & set(found)) == 2
    assert cut is True
    for unknown in ({"cursor": "x"}, {"limit": 3}, {"include_total": True}):
        assert (await dana.get(PAIRS, params=unknown)).status_code == 422
