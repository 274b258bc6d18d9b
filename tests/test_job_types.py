"""Job types and skills through the door people use."""

from typing import Any
from uuid import uuid4

import pytest

from tests.support.people import Company, Person
from tests.support.queries import counted

TYPES, SKILLS = "/api/v2/job-types", "/api/v2/skills"
PUMPING = {"name": "Septic pumping", "trade": "septic", "duration_minutes": 90}


async def a_skill(person: Person, name: str) -> str:
    return str((await person.made(SKILLS, {"name": name}))["id"])


def pointers(reply: Any) -> list[str]:
    return [error["pointer"] for error in reply.json()["errors"]]


async def test_a_job_type_is_added_changed_deleted_and_brought_back(acme: Company) -> None:
    mia = await acme.person("manager")
    pumping, permit = await a_skill(mia, "Pumping"), await a_skill(mia, "Haul permit")
    made = await mia.made(
        TYPES,
        PUMPING
        | {
            "unit_price": "385.50",
            "checklist": ["Open both lids", "Measure the sludge"],
            "skills": [{"skill_id": pumping, "level": 2}, {"skill_id": permit}],
        },
    )
    assert (made["unit_price"], made["checklist"]) == (
        "385.5",
        ["Open both lids", "Measure the sludge"],
    )
    assert made["skills"] == [
        {"skill": {"id": pumping, "name": "Pumping"}, "level": 2},
        {"skill": {"id": permit, "name": "Haul permit"}, "level": 1},
    ]
    path = f"{TYPES}/{made['id']}"
    assert await mia.got(path) == made

    body = {"skills": [{"skill_id": pumping, "level": 3}], "unit_price": None, "checklist": []}
    changed = await mia.patched(path, 1, body)
    assert (changed["version"], changed["unit_price"], changed["checklist"]) == (2, None, [])
    assert changed["skills"] == [{"skill": {"id": pumping, "name": "Pumping"}, "level": 3}]
    same = await mia.patched(path, 2, body)
    assert same == changed
    only_skills = await mia.patched(path, 2, {"skills": []})
    assert (only_skills["version"], only_skills["skills"]) == (3, [])

    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404
    rival = await mia.made(TYPES, PUMPING)
    taken = await mia.post(f"{path}/restore")
    assert (taken.status_code, pointers(taken)) == (409, ["/name"])
    assert (await mia.delete(f"{TYPES}/{rival['id']}")).status_code == 204
    assert (await mia.made(f"{path}/restore"))["deleted_at"] is None

    story = await mia.got(f"{path}/timeline")
    assert [one["sentence"] for one in story["data"]] == [
        "Job type Septic pumping was restored.",
        "Job type Septic pumping was deleted.",
        "Job type Septic pumping was changed (skills).",
        "Job type Septic pumping was changed (checklist, skills, unit price).",
        "Job type Septic pumping was added.",
    ]
    assert (await mia.delete(path)).status_code == 204


async def test_two_job_types_do_not_share_a_name(acme: Company) -> None:
    mia = await acme.person("manager")
    body = PUMPING | {"name": "Drain cleaning"}
    await mia.made(TYPES, body)
    reply = await mia.post(TYPES, json=body)
    assert (reply.status_code, reply.json()["code"], pointers(reply)) == (
        409, "already_exists", ["/name"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"duration_minutes": 4}, "/duration_minutes"),
        ({"duration_minutes": "90"}, "/duration_minutes"),
        ({"unit_price": 385.5}, "/unit_price"),
        ({"unit_price": "-1"}, "/unit_price"),
        ({"unit_price": "1.00001"}, "/unit_price"),
        ({"unit_price": "1e3"}, "/unit_price"),
        ({"unit_price": "NaN"}, "/unit_price"),
        ({"checklist": ["Look", ""]}, "/checklist/1"),
        ({"checklist": ["Look"] * 101}, "/checklist"),
        ({"skills": [{"skill_id": str(uuid4()), "level": 6}]}, "/skills/0/level"),
        ({"trade": "  "}, "/trade"),
        ({"org_id": str(uuid4())}, "/org_id"),
    ],
)
async def test_what_is_wrong_is_named(acme: Company, wrong: dict[str, Any], pointer: str) -> None:
    mia = await acme.person("manager")
    reply = await mia.post(TYPES, json=PUMPING | wrong)
    assert (reply.status_code, pointers(reply)) == (422, [pointer])


async def test_a_skill_is_named_once(acme: Company) -> None:
    mia = await acme.person("manager")
    gas = await a_skill(mia, "Gas fitting")
    body = PUMPING | {"name": "Boiler", "skills": [{"skill_id": gas}, {"skill_id": gas}]}
    reply = await mia.post(TYPES, json=body)
    assert (reply.status_code, pointers(reply)) == (422, ["/skills/1/skill_id"])


async def test_a_skill_is_renamed_and_deleted_when_nobody_has_it(acme: Company) -> None:
    mia = await acme.person("manager")
    skill = await mia.made(SKILLS, {"name": "Backflow"})
    path = f"{SKILLS}/{skill['id']}"
    needing = await mia.made(
        TYPES, PUMPING | {"name": "Backflow test", "skills": [{"skill_id": skill["id"]}]}
    )
    renamed = await mia.patched(path, 1, {"name": "Backflow certificate"})
    assert (renamed["version"], renamed["name"]) == (2, "Backflow certificate")
    shown = await mia.got(f"{TYPES}/{needing['id']}")
    assert shown["skills"][0]["skill"]["name"] == "Backflow certificate"

    used = await mia.delete(path)
    assert (used.status_code, used.json()["code"]) == (409, "in_use")
    assert used.json()["detail"].startswith("1 job type and 0 technicians have the skill Backflow")
    await mia.patched(f"{TYPES}/{needing['id']}", 1, {"skills": []})
    assert (await mia.delete(path)).status_code == 204
    assert (await mia.get(path)).status_code == 404

    await mia.made(SKILLS, {"name": "Welding"})
    taken = await mia.post(SKILLS, json={"name": "Welding"})
    assert (taken.status_code, pointers(taken)) == (409, ["/name"])


async def test_a_dispatcher_reads_job_types_and_does_not_write_them(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    assert "data" in await dana.got(TYPES)
    reply = await dana.post(TYPES, json=PUMPING)
    assert (reply.status_code, reply.json()["permission"]) == (403, "job-types:write")
    assert (await dana.post(SKILLS, json={"name": "x"})).status_code == 403


async def test_a_strangers_ids_are_like_ids_of_nothing(acme: Company, rival: Company) -> None:
    mia, rob = await acme.person("manager"), await rival.person("owner")
    skill = await a_skill(mia, "Ours alone")
    ours = await mia.made(TYPES, PUMPING | {"name": "Ours", "skills": [{"skill_id": skill}]})

    async def answers_to(type_id: str, skill_id: str) -> list[Any]:
        told = []
        for method, path, body in (
            ("GET", f"{TYPES}/{type_id}", None),
            ("PATCH", f"{TYPES}/{type_id}", {"name": "x"}),
            ("DELETE", f"{TYPES}/{type_id}", None),
            ("POST", f"{TYPES}/{type_id}/restore", None),
            ("GET", f"{TYPES}/{type_id}/timeline", None),
            ("GET", f"{TYPES}/{type_id}/history", None),
            ("GET", f"{SKILLS}/{skill_id}", None),
            ("PATCH", f"{SKILLS}/{skill_id}", {"name": "x"}),
            ("DELETE", f"{SKILLS}/{skill_id}", None),
            ("POST", TYPES, PUMPING | {"skills": [{"skill_id": skill_id}]}),
        ):
            reply = await rob.request(method, path, json=body, headers={"If-Match": '"v1"'})
            told.append((reply.status_code, reply.json()["detail"], reply.json()["errors"]))
        return told

    strange = await answers_to(ours["id"], skill)
    assert strange == await answers_to(str(uuid4()), str(uuid4()))
    assert {status for status, _, _ in strange} == {404}
    assert strange[-1][2][0]["pointer"] == "/skills/0/skill_id"
    assert await mia.got(f"{TYPES}/{ours['id']}") == ours


async def test_the_list_filters_and_asks_as_much_for_one_row_as_for_twenty(acme: Company) -> None:
    mia = await acme.person("manager")
    needs = [{"skill_id": await a_skill(mia, "Brazing")}]
    await mia.made(TYPES, PUMPING | {"name": "One", "trade": "hvac", "skills": needs})
    for n in range(20):
        await mia.made(TYPES, PUMPING | {"name": f"Of {n}", "trade": "roofing", "skills": needs})
    with counted(acme.server) as one:
        assert len((await mia.got(TYPES, trade="hvac"))["data"]) == 1
    with counted(acme.server) as twenty:
        assert len((await mia.got(TYPES, trade="roofing"))["data"]) == 20
    assert len(one) == len(twenty)
    by_name = await mia.got(TYPES, sort="-name", trade="roofing", limit=2)
    assert [job_type["name"] for job_type in by_name["data"]] == ["Of 9", "Of 8"]
    assert [s["name"] for s in (await mia.got(SKILLS, name="Brazing"))["data"]] == ["Brazing"]
