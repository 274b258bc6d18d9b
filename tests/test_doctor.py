"""The doctor: silent on a company that works, it names each fault, and its fix silences it (issue 7,
point 6)."""

import asyncio
import json
from contextlib import suppress
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.cli import main
from app.models.permissions import SYSTEM_ROLES, Permission
from app.services.doctor import DETECTORS
from app.services.doctor.fillable import fitting, said
from tests.support.faults import FAULTS, Finding, World
from tests.support.field import Job
from tests.support.people import Company, Person
from tests.support.pictures import make_png
from tests.support.queries import counted
from tests.support.server import Server
from tests.support.work import some_work

DOCTOR = "/api/v2/doctor"
COST, CODE = "141.2468", "4711-gate"
"""No other number or code of a test reads so."""
ZONE = "America/Chicago"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SETTINGS = {
    "street": "1 First St", "city": "Austin", "region": "TX", "postal_code": "78701",
    "phone": "+15125550100", "email": "office@acme.example.com", "tax_rate": "0.0825",
    "payment_instructions": "By check.", "base_latitude": 30.27, "base_longitude": -97.74,
    "working_hours": {day: [["08:00", "17:00"]] for day in WEEK},
}  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def world(acme: Company) -> World:
    """A company that has said all there is to say, with a job type and a site whose pin is set."""
    owner = await acme.person("owner")
    work = await some_work(acme, owner)
    world = World(acme, owner, Job(acme, owner, work), ZONE)
    await world.set(f"/api/v2/sites/{work.site['id']}", latitude=33.45, longitude=-112.07)
    await world.set("/api/v2/organisation", **SETTINGS)
    logo = {"file": ("logo.png", make_png(40, 20))}
    assert (await owner.put("/api/v2/organisation/logo", files=logo)).status_code == 200
    windows = [{"start": "08:00", "end": "10:00"}, {"start": "10:00", "end": "12:00"}]
    await world.technician("Tess Ode")
    await owner.made("/api/v2/arrival-windows", {"name": "Mornings", "windows": windows})
    return world


async def ask(person: Person, **params: Any) -> Any:
    return await person.got(DOCTOR, limit=200, **params)


async def findings(person: Person, code: str) -> list[Finding]:
    """What one detector says, and that it is really asked."""
    told = await ask(person, detector=code)
    assert (told["asked"], told["left_out"]) == (1, [])
    found = [finding for one in told["data"] for finding in one["findings"]]
    assert [one["code"] for one in told["data"]] == [code] * bool(found)
    assert sum(one["total"] for one in told["data"]) == len(found)
    return found


async def send(person: Person, finding: Finding) -> None:
    """The request that a finding carries, as a screen would send it."""
    request = finding["fix"]["request"]
    headers = {"If-Match": request["if_match"]} if request["if_match"] else {}
    reply = await person.request(
        request["method"], request["path"], json=request["body"], headers=headers
    )
    assert reply.status_code < 300, (request, reply.text)


async def test_nothing_is_wrong_with_a_company_that_works(world: World) -> None:
    told = await ask(world.owner)
    assert told["data"] == []
    assert (told["asked"], told["left_out"]) == (len(DETECTORS), [])
    assert (told["errors"], told["warnings"], told["infos"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("people", "longest", "hours", "expected"),
    [
        (1, 60, ("08:00", "17:00"), "08:00–12:00 and 12:00–17:00"),
        (3, 120, ("08:00", "17:00"), "08:00–12:00 and 12:00–17:00"),
        (
            3,
            90,
            ("08:00", "17:00"),
            "08:00–10:00, 10:00–12:00, 13:00–15:00 and 15:00–17:00",
        ),
        (3, 90, ("09:30", "16:00"), "09:30–11:30, 12:00–14:00 and 14:00–16:00"),
        (1, 60, ("13:00", "19:00"), "13:00–16:00 and 16:00–19:00"),
        (1, 60, None, "08:00–12:00 and 12:00–17:00"),
    ],
)
def test_windows_are_offered_that_whoever_is_there_can_fill(
    people: int, longest: int, hours: tuple[str, str] | None, expected: str
) -> None:
    opens, closes = (time.fromisoformat(at) for at in hours) if hours else (None, None)
    days = [[(opens, closes)]] if opens and closes else []
    assert said(fitting([*days, []], people=people, longest=longest)) == expected


@pytest.mark.parametrize("code", DETECTORS)
async def test_each_fault_is_named_and_its_fix_silences_it(world: World, code: str) -> None:
    before = await findings(world.owner, code)
    story = FAULTS[code](world)
    sentence = await anext(story)
    found = [one for one in await findings(world.owner, code) if one not in before]
    assert [one["says"] for one in found] == [sentence]
    assert all(record["name"] for record in found[0]["records"])
    if found[0]["fix"]["request"] is not None:
        await send(world.owner, found[0])
    with suppress(StopAsyncIteration):
        await story.asend(found[0])
    assert [one for one in await findings(world.owner, code) if one not in before] == []
    world.lend()


async def _mixed_up(company: Company, *, sites: int) -> World:
    """A company with sites at the wrong clock, and a job type sold below its cost."""
    owner = await company.person("owner")
    world = World(company, owner, Job(company, owner, await some_work(company, owner)), ZONE)
    for number in range(sites):
        await world.site(street=f"{number} Late St", time_zone="America/New_York")
    await world.job_type(unit_price="100", unit_cost=COST)
    return world


async def test_nothing_of_another_organisation_is_ever_named(acme: Company, rival: Company) -> None:
    await _mixed_up(acme, sites=1)
    await _mixed_up(rival, sites=1)
    named = []
    for company in (acme, rival):
        told = await ask(await company.person("owner"))
        found = [finding for one in told["data"] for finding in one["findings"]]
        named.append({record["id"] for finding in found for record in finding["records"]})
    assert named[0]
    assert named[1]
    assert named[0] & named[1] == set()


async def test_a_role_is_told_and_offered_only_what_it_may_see_and_do(rival: Company) -> None:
    world = await _mixed_up(rival, sites=1)
    gated = {
        "gate_code": CODE,
        "access_hours": [{"weekday": "mon", "opens": "09:00", "closes": "09:15"}],
    }
    site = await world.site(**gated)
    await world.job.visit(work_order_id=(await world.job.work.order(site_id=site["id"]))["id"])
    rights = SYSTEM_ROLES["manager"][2] | {Permission.organisation_write}
    unseen = {Permission.prices_costs, Permission.sites_access_codes, Permission.sites_write}
    body = {"level": 30, "record_scope": "all", "permissions": sorted(rights - unseen)}
    await world.owner.made("/api/v2/roles", {"name": "Settler", **body})
    settler = await rival.person("Settler", "settler")
    told = await ask(settler)
    assert told["left_out"] == ["job_type_below_cost"]
    [zones] = [one for one in told["data"] if one["code"] == "site_in_another_zone"]
    assert {one["fix"]["request"] for one in zones["findings"]} == {None}
    assert "access_hours_too_short" in {one["code"] for one in told["data"]}
    assert not [secret for secret in (COST, CODE) if secret in json.dumps(told)]
    assert COST in json.dumps(await ask(world.owner))

    role = {"name": "Half blind", **body, "record_scope": "territory"}
    await world.owner.made("/api/v2/roles", role)
    narrow = await (await rival.person("Half blind", "narrow")).get(DOCTOR)
    assert (narrow.status_code, narrow.json()["code"]) == (403, "sees_too_little")
    assert (await (await rival.person("dispatcher")).get(DOCTOR)).status_code == 403


async def test_a_visit_is_named_with_the_day_of_its_board_and_its_work(rival: Company) -> None:
    world = await _mixed_up(rival, sites=0)
    tess = await world.technician("Tess Night")
    eleven = world.job.nine + timedelta(
        hours=14
    )  # at the site; in the office the next day has begun
    visit = await world.job.planned(tess, at=eleven)
    await world.sql("update technicians set active = false where id = :id", id=tess)
    [gone] = await findings(world.owner, "visit_technician_gone")
    on_it, person = gone["records"]
    next_day = date.fromisoformat(world.job.day) + timedelta(days=1)
    assert (on_it["kind"], on_it["day"]) == ("visit", next_day.isoformat())
    assert on_it["work_order_id"] == visit["work_order"]["id"]
    assert (person["kind"], person["day"], person["work_order_id"]) == ("technician", None, None)

    site = await world.site(access_hours=[{"weekday": "mon", "opens": "09:00", "closes": "09:15"}])
    order = await world.job.work.order(site_id=site["id"])
    await world.job.visit(work_order_id=order["id"])
    short = await findings(world.owner, "access_hours_too_short")
    assert (order["number"], None, order["id"]) in [
        (record["name"], record["day"], record["work_order_id"])
        for finding in short
        for record in finding["records"]
    ]


async def test_it_is_asked_for_detectors_and_severities(rival: Company) -> None:
    owner = (await _mixed_up(rival, sites=3)).owner
    both = ["site_in_another_zone", "job_type_below_cost"]
    told = await ask(owner, detector=both)
    assert told["asked"] == 2
    assert {one["code"] for one in told["data"]} == set(both)
    capped = await owner.got(DOCTOR, detector=both[0], limit=2)
    [zones] = capped["data"]
    assert len(zones["findings"]) == 2
    assert zones["total"] > 2
    assert capped["warnings"] == zones["total"]
    infos = await ask(owner, severity="info")
    assert {one["severity"] for one in infos["data"]} == {"info"}
    order = [one["severity"] for one in (await ask(owner))["data"]]
    assert order == sorted(order, key=["error", "warning", "info"].index)
    reply = await owner.get(DOCTOR, params={"detector": "crystal_ball"})
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid")
    assert "There is no detector “crystal_ball”" in reply.json()["errors"][0]["detail"]


async def test_a_clock_that_nobody_knows_keeps_no_other_question_from_being_asked(
    rival: Company,
) -> None:
    world = await _mixed_up(rival, sites=0)
    tess, site = await world.technician("Tess Mars"), await world.site(street="1 Mars Rd")
    order = await world.job.work.order(site_id=site["id"])
    window = {
        "window_start_local": f"{world.job.day}T09:00",
        "window_end_local": f"{world.job.day}T10:00",
    }
    await world.job.planned(tess, work_order_id=order["id"], **window)
    await world.owner.made("/api/v2/branches", {"name": "Mars"})
    hours = json.dumps([{"weekday": "mon", "opens": "09:00", "closes": "10:00"}])
    lost = [
        ("technicians", "name = 'Tess Mars'", "time_zone = 'Mars/Base'"),
        ("branches", "name = 'Mars'", "time_zone = 'Mars/Base'"),
        ("organisation_settings", "true", "time_zone = 'Mars/Base'"),
        ("sites", "street = '1 Mars Rd'", f"time_zone = 'Mars/Base', access_hours = '{hours}'"),
    ]
    for table, where, wrong in lost:
        await world.sql(f"update {table} set {wrong} where {where}".replace(":", "\\:"))
    told = await ask(world.owner)
    assert told["asked"] == len(DETECTORS)
    [zones] = [one for one in told["data"] if one["code"] == "zone_unknown"]
    kinds = [finding["records"][0]["kind"] for finding in zones["findings"]]
    assert kinds == ["organisation", "branch", "technician", "site"]
    await world.sql(f"update organisation_settings set time_zone = '{ZONE}'")
    for table, where, _ in lost:
        await world.sql(f"update {table} set time_zone = '{ZONE}' where {where}")
    assert await findings(world.owner, "zone_unknown") == []


async def test_many_rows_take_no_more_queries_than_one(rival: Company, server: Server) -> None:
    owner = (await _mixed_up(rival, sites=1)).owner
    with counted(server) as few:
        await ask(owner)
    await _mixed_up(rival, sites=4)
    with counted(server) as many:
        await ask(owner)
    assert len(many) == len(few) < len(DETECTORS) + 20


async def test_the_command_line_says_it_and_answers_by_its_exit_code(
    rival: Company, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    owner = (await _mixed_up(rival, sites=1)).owner
    monkeypatch.setenv("DATABASE_URL", rival.server.database.app)

    async def run(*more: str) -> tuple[int, str]:
        words = ["doctor", "--data", str(tmp_path), "--org", "rival", *more]
        code = await asyncio.to_thread(main, words)
        return code, capsys.readouterr().out

    mild, printed = await run("--detector", "site_in_another_zone")
    assert mild == 0
    assert printed.startswith("rival: ")
    assert "kept by the clock of America/New_York" in printed
    assert "→ Set its time zone to America/Phoenix, or correct its postal code." in printed

    await owner.made("/api/v2/job-types", {
        "name": "Nobody's", "trade": "septic", "duration_minutes": 60, "crew_size": 20,
    })  # fmt: skip
    severe, printed = await run("--json", "--detector", "crew_larger_than_staff")
    assert severe == 1
    [told] = json.loads(printed)["rival"]["data"]
    [same] = (await ask(owner, detector="crew_larger_than_staff"))["data"]
    assert told == same

    assert await run("--org", "nobody") == (1, "")
    assert await run("--detector", "crystal_ball") == (1, "")
