"""Technicians through the door people use."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.support.field import booked_with, did
from tests.support.people import Company, Person
from tests.support.queries import counted
from tests.support.work import some_work

TECHNICIANS = "/api/v2/technicians"


async def a_skill(company: Company, name: str) -> str:
    mia = await company.person("manager")
    return str((await mia.made("/api/v2/skills", {"name": name}))["id"])


async def a_technician(person: Person, **more: Any) -> Any:
    return await person.made(TECHNICIANS, {"name": "Tom Vega"} | more)


def pointers(reply: Any) -> list[str]:
    return [error["pointer"] for error in reply.json()["errors"]]


async def test_a_technician_is_added_changed_deleted_and_brought_back(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tom = await a_technician(dana, phone="(202) 555-0142", color="#FF8800")
    assert (tom["phone"], tom["color"], tom["active"]) == ("+12025550142", "#ff8800", True)
    assert (tom["time_zone"], tom["member_id"], tom["skills"]) == ("America/Chicago", None, [])
    path = f"{TECHNICIANS}/{tom['id']}"

    changed = await dana.patched(path, 1, {"name": "Tomás Vega", "active": False, "phone": None})
    assert (changed["version"], changed["name"], changed["active"]) == (2, "Tomás Vega", False)
    stale = await dana.patch(path, json={"active": True}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == changed
    assert (await dana.patch(path, json={"active": True})).status_code == 428

    assert (await dana.delete(path)).status_code == 204
    assert (await dana.get(path)).status_code == 404
    assert (await dana.made(f"{path}/restore"))["deleted_at"] is None
    story = await dana.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]] == [
        "Technician Tomás Vega was restored.",
        "Technician Tomás Vega was deleted.",
        "Technician Tomás Vega was changed (active, name, phone).",
        "Technician Tom Vega was added.",
    ]
    again = await dana.post(TECHNICIANS, json={"id": tom["id"], "name": "Somebody"})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert again.json()["current"]["name"] == "Tomás Vega"


async def test_skills_are_replaced_as_a_whole(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    pump, weld, gas = [await a_skill(acme, name) for name in ("Pump", "Weld", "Gas")]
    held = [
        {"skill_id": pump, "level": 3},
        {"skill_id": weld, "level": 1, "expires_on": "2030-06-30"},
    ]
    tom = await a_technician(dana, skills=held)
    path = f"{TECHNICIANS}/{tom['id']}"
    assert [(s["skill"]["name"], s["level"], s["expires_on"]) for s in tom["skills"]] == [
        ("Pump", 3, None), ("Weld", 1, "2030-06-30"),
    ]  # fmt: skip
    assert (await dana.patched(path, 1, {"skills": held}))["version"] == 1
    body = {"skills": [{"skill_id": weld, "level": 2}, {"skill_id": gas, "level": 5}]}
    changed = await dana.patched(path, 1, body)
    assert changed["version"] == 2
    assert [(s["skill"]["name"], s["level"], s["expires_on"]) for s in changed["skills"]] == [
        ("Weld", 2, None), ("Gas", 5, None),
    ]  # fmt: skip
    assert await dana.got(path) == changed
    silent = await dana.patched(path, 2, {"name": "Tom V."})
    assert silent["skills"] == changed["skills"]
    with_gas = await dana.got(TECHNICIANS, skill_id=gas)
    assert [one["id"] for one in with_gas["data"]] == [tom["id"]]

    emptied = await dana.patched(path, 3, {"skills": []})
    assert (emptied["version"], emptied["skills"]) == (4, [])
    null = await dana.patch(path, json={"skills": None}, headers={"If-Match": '"v4"'})
    assert (null.status_code, pointers(null)) == (422, ["/skills"])


async def test_of_many_who_saw_the_same_version_one_changes_it(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    pump = await a_skill(acme, "Siphon")
    tom = await a_technician(dana)
    replies = await asyncio.gather(
        *[
            dana.patch(
                f"{TECHNICIANS}/{tom['id']}",
                json={"skills": [{"skill_id": pump, "level": level}]},
                headers={"If-Match": '"v1"'},
            )
            for level in (1, 2, 3, 4, 5)
        ]
    )
    assert sorted(reply.status_code for reply in replies) == [200, 412, 412, 412, 412]


async def test_a_member_is_one_technician(acme: Company) -> None:
    dana, tina = await acme.person("dispatcher"), await acme.person("technician")
    linked = await a_technician(dana, member_id=str(tina.user_id))
    assert linked["member_id"] == str(tina.user_id)
    second = await dana.post(TECHNICIANS, json={"name": "Twin", "member_id": str(tina.user_id)})
    assert (second.status_code, pointers(second)) == (409, ["/member_id"])
    found = await dana.got(TECHNICIANS, member_id=str(tina.user_id))
    assert [one["id"] for one in found["data"]] == [linked["id"]]
    freed = await dana.patched(f"{TECHNICIANS}/{linked['id']}", 1, {"member_id": None})
    assert freed["member_id"] is None


async def test_without_a_time_zone_of_their_own_they_have_the_organisations(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    tess = await dana.made(TECHNICIANS, {"name": "Tess", "time_zone": "America/Denver"})
    back = await dana.patched(f"{TECHNICIANS}/{tess['id']}", 1, {"time_zone": None})
    assert back["time_zone"] == "America/Chicago"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"phone": "12"}, "/phone"),
        ({"color": "red"}, "/color"),
        ({"time_zone": "Central"}, "/time_zone"),
        ({"active": None}, "/active"),
        ({"skills": [{"skill_id": str(uuid4()), "level": 0}]}, "/skills/0/level"),
        (
            {"skills": [{"skill_id": str(uuid4()), "expires_on": 1700000000}]},
            "/skills/0/expires_on",
        ),
        ({"version": 3}, "/version"),
    ],
)
async def test_what_is_wrong_is_named(acme: Company, wrong: dict[str, Any], pointer: str) -> None:
    dana = await acme.person("dispatcher")
    reply = await dana.post(TECHNICIANS, json={"name": "Tom"} | wrong)
    assert (reply.status_code, pointers(reply)) == (422, [pointer])


async def test_a_strangers_ids_are_like_ids_of_nothing(acme: Company, rival: Company) -> None:
    dana, rob = await acme.person("dispatcher"), await rival.person("owner")
    skill = await a_skill(acme, "Our skill")
    tom = await a_technician(dana, skills=[{"skill_id": skill}])
    rons = await a_technician(rob)

    async def answers_to(id: str, member_id: str, skill_id: str) -> list[Any]:
        told = []
        for method, path, body in (
            ("GET", f"{TECHNICIANS}/{id}", None),
            ("PATCH", f"{TECHNICIANS}/{id}", {"name": "x"}),
            ("DELETE", f"{TECHNICIANS}/{id}", None),
            ("POST", f"{TECHNICIANS}/{id}/restore", None),
            ("GET", f"{TECHNICIANS}/{id}/timeline", None),
            ("GET", f"{TECHNICIANS}/{id}/history", None),
            ("POST", TECHNICIANS, {"name": "x", "member_id": member_id}),
            ("POST", TECHNICIANS, {"name": "x", "skills": [{"skill_id": skill_id}]}),
            ("PATCH", f"{TECHNICIANS}/{rons['id']}", {"member_id": member_id}),
            ("PATCH", f"{TECHNICIANS}/{rons['id']}", {"skills": [{"skill_id": skill_id}]}),
        ):
            reply = await rob.request(method, path, json=body, headers={"If-Match": '"v1"'})
            told.append((reply.status_code, reply.json()["detail"], reply.json()["errors"]))
        return told

    strange = await answers_to(tom["id"], str(dana.user_id), skill)
    assert strange == await answers_to(str(uuid4()), str(uuid4()), str(uuid4()))
    assert {status for status, _, _ in strange} == {404}
    assert strange[6][2][0]["pointer"] == "/member_id"
    for params in ({"skill_id": skill}, {"member_id": str(dana.user_id)}):
        assert (await rob.got(TECHNICIANS, **params))["data"] == []


async def test_the_list_asks_as_much_for_one_row_as_for_twenty(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    rare, common = await a_skill(acme, "Rare"), await a_skill(acme, "Common")
    await a_technician(dana, skills=[{"skill_id": rare}])
    for n in range(20):
        await a_technician(dana, name=f"Number {n}", skills=[{"skill_id": common}])
    with counted(acme.server) as one:
        assert len((await dana.got(TECHNICIANS, skill_id=rare))["data"]) == 1
    with counted(acme.server) as twenty:
        assert len((await dana.got(TECHNICIANS, skill_id=common, sort="name"))["data"]) == 20
    assert len(one) == len(twenty)


async def test_a_technician_with_open_visits_is_not_deleted(acme: Company) -> None:
    dana, tess = await acme.person("dispatcher"), await acme.person("technician", "tess")
    order = await (await some_work(acme, dana)).order()
    booked = await booked_with(acme, order, tess)
    found = (await dana.got(TECHNICIANS, member_id=str(tess.user_id)))["data"][0]
    path = f"{TECHNICIANS}/{found['id']}"
    reply = await dana.delete(path)
    assert (reply.status_code, reply.json()["code"]) == (409, "in_use")
    assert reply.json()["detail"] == "Tess has 1 open visit. Give them to somebody else first."
    await did(dana, booked, "cancel", reason="They moved away.")
    assert (await dana.delete(path)).status_code == 204


async def test_a_day_begins_at_a_base_that_is_whole(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    base = {"base_name": "Home", "base_latitude": 38.9717001, "base_longitude": -95.2353}
    tom = await a_technician(dana, **base)
    path = f"{TECHNICIANS}/{tom['id']}"
    assert tom["base_latitude"] == 38.9717
    half = await dana.patch(path, json={"base_longitude": None}, headers={"If-Match": '"v1"'})
    assert (half.status_code, pointers(half)) == (422, ["/base_longitude"])
    without = await dana.patched(path, 1, {"base_latitude": None, "base_longitude": None})
    assert (without["base_name"], without["base_latitude"]) == ("Home", None)
    refused = await dana.post(TECHNICIANS, json={"name": "Half", "base_longitude": 1.0})
    assert pointers(refused) == ["/base_latitude"]

    owner = await acme.person("owner")
    here = await owner.got("/api/v2/organisation")
    there = {"base_latitude": 39.0, "base_longitude": -95.0}
    moved = await owner.patched("/api/v2/organisation", here["version"], there)
    assert (moved["base_latitude"], moved["base_longitude"]) == (39.0, -95.0)
