"""Sample records in one's own organisation: loaded to look around, removed without touching one's own."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from app.models.samples import Sample
from app.services.context import Ctx
from app.services.samples import content, making
from tests.support.jobs import working
from tests.support.people import Company, Person, found_company
from tests.support.server import Server

DEMO = "/api/v2/organisation/demo"
LISTS = ("customers", "sites", "work-orders", "visits", "technicians", "job-types", "equipment")


async def ended(person: Person, *statuses: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = await person.got(DEMO)
            if found["status"] in (*statuses, "failed"):
                return found
            await asyncio.sleep(0.05)


async def names(person: Person) -> dict[str, list[str]]:
    found = {}
    for one in LISTS:
        page = await person.got(f"/api/v2/{one}", limit=200)
        found[one] = sorted(
            row.get("name") or row.get("number") or row["id"] for row in page["data"]
        )
    return found


async def test_samples_are_loaded_and_go_but_for_what_was_touched_or_used(
    acme: Company, server: Server
) -> None:
    olga = await acme.person("owner")
    mine = await olga.made("/api/v2/customers", {"name": "Mine, Inc."})
    before = await names(olga)
    begun = await olga.got("/api/v2/organisation/first-steps")
    assert (await olga.get(DEMO)).status_code == 404
    reply = await olga.post(DEMO)
    assert reply.status_code == 202, reply.text
    assert (await olga.post(DEMO)).json()["code"] == "already_loaded"
    assert (await olga.delete(DEMO)).json()["code"] == "not_ended"

    async with working(server.database, server.state.sessions):
        loaded = await ended(olga, "loaded")
        assert (loaded["status"], loaded["failure"]) == ("loaded", None)
        assert loaded["steps_done"] == loaded["steps"] == len(content.STEPS)
        there = await names(olga)
        # what is only there to look around with makes no first step
        assert await olga.got("/api/v2/organisation/first-steps") == begun
        samples = [name for name in there["customers"] if name.endswith("(sample)")]
        assert len(samples) == len(content.HOUSEHOLDS)
        visits = (await olga.got("/api/v2/visits", limit=200))["data"]
        planned = [one for one in visits if one["status"] == "scheduled"]
        assert len(planned) == sum(one.planned is not None for one in content.HOUSEHOLDS)

        alma = await named(olga, "customers", "Alma Whitcomb (sample)")
        await olga.patched(f"/api/v2/customers/{alma['id']}", alma["version"], {"source": "radio"})
        victor = await named(olga, "customers", "Victor Osei (sample)")
        [site] = (await olga.got("/api/v2/sites", customer_id=victor["id"]))["data"]
        drains = await named(olga, "job-types", "Drain cleaning (sample)")
        real = await olga.made(
            "/api/v2/work-orders",
            {"customer_id": mine["id"], "site_id": site["id"], "job_type_id": drains["id"]},
        )
        assert (await olga.delete(DEMO)).status_code == 202
        removed = await ended(olga, "removed")

    assert removed["records_made"] == removed["records_removed"] + removed["records_kept"]
    kept = {one["name"]: one["reason"] for one in removed["kept"]}
    assert kept == {
        "Drain cleaning (sample)": "It is used by a work order.",
        "Alma Whitcomb (sample)": "This customer has been changed since.",
        "Victor Osei (sample)": "It is used by a site.",
        site["address"]: "It is used by a work order.",
    }
    after = await names(olga)
    assert after["customers"] == sorted(
        [*before["customers"], "Alma Whitcomb (sample)", "Victor Osei (sample)"]
    )
    assert after["work-orders"] == sorted([*before["work-orders"], real["number"]])
    assert after["visits"] == before["visits"]
    assert after["technicians"] == before["technicians"]
    assert (await olga.delete(DEMO)).status_code == 404
    story = (await olga.got(f"/api/v2/customers/{alma['id']}/timeline"))["data"]
    assert [one["fact"] for one in story][-1] == "customer.created"

    async with working(server.database, server.state.sessions):
        assert (await olga.post(DEMO)).status_code == 202
        assert (await ended(olga, "loaded"))["records_made"] == loaded["records_made"]


async def test_sample_technicians_that_one_plans_with_stay(server: Server) -> None:
    company = await found_company(server, "planning")
    olga = await company.person("owner")
    async with working(server.database, server.state.sessions):
        assert (await olga.post(DEMO)).status_code == 202
        await ended(olga, "loaded")
        jordan = await named(olga, "technicians", "Jordan Reyes (sample)")
        casey = await named(olga, "technicians", "Casey Lindqvist (sample)")
        crew = {
            "name": "Digging", "members": [{"technician_id": jordan["id"], "first_day": "2026-11-02"}],
        }  # fmt: skip
        await olga.made("/api/v2/crews", crew)
        meeting = {
            "title": "Safety", "technician_ids": [casey["id"]],
            "starts_at": "2027-03-01T15:00:00Z", "ends_at": "2027-03-01T16:00:00Z",
        }  # fmt: skip
        await olga.made("/api/v2/events", meeting)
        assert (await olga.delete(DEMO)).status_code == 202
        removed = await ended(olga, "removed")
    kept = {one["name"]: one["reason"] for one in removed["kept"]}
    assert kept == {
        "Jordan Reyes (sample)": "It is used by a crew.",
        "Casey Lindqvist (sample)": "It is used by an event.",
    }
    await company.close()


async def test_what_one_changes_while_samples_are_made_is_ones_own(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = await found_company(server, "changing")
    olga = await company.person("owner")
    step = making.make_step

    async def changed_between(ctx: Ctx, sample_id: UUID) -> bool:
        sample = await ctx.get(Sample, sample_id)
        if sample.steps_done == 4:
            alma = await named(olga, "customers", "Alma Whitcomb (sample)")
            await olga.patched(f"/api/v2/customers/{alma['id']}", alma["version"], {"source": "me"})
        return await step(ctx, sample_id)

    monkeypatch.setattr(making, "make_step", changed_between)
    async with working(server.database, server.state.sessions):
        assert (await olga.post(DEMO)).status_code == 202
        await ended(olga, "loaded")
        assert (await olga.delete(DEMO)).status_code == 202
        removed = await ended(olga, "removed")
    kept = {one["name"]: one["reason"] for one in removed["kept"]}
    assert kept == {"Alma Whitcomb (sample)": "This customer has been changed since."}
    await company.close()


async def named(person: Person, what: str, name: str) -> dict[str, Any]:
    page = await person.got(f"/api/v2/{what}", limit=200)
    [found] = [one for one in page["data"] if one["name"] == name]
    return dict(found)


@pytest.mark.parametrize("role", ["dispatcher", "technician", "accountant"])
async def test_only_who_writes_the_settings_loads_samples(acme: Company, role: str) -> None:
    person = await acme.person(role)
    assert (await person.post(DEMO)).status_code == 403
    assert (await person.delete(DEMO)).status_code == 403
