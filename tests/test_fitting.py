"""What is booked and promised stays true when the work order or the site under it changes."""

from tests.support.field import VISITS, a_job, did, needs, skill, technician
from tests.support.people import Company
from tests.support.work import ORDERS

SITES = "/api/v2/sites"


async def test_the_kind_of_work_changes_only_to_what_the_planned_crew_can_do(acme: Company) -> None:
    job, gas_job = await a_job(acme), await a_job(acme, name="Gas line")
    gas = await skill(acme, "Gas")
    await needs(acme, gas_job, {"skill_id": gas, "level": 2})
    tess = await technician(acme)
    planned = await job.planned(tess)
    path = f"{ORDERS}/{planned['work_order']['id']}"
    other = {"job_type_id": gas_job.work.job_type_id}

    refused = await job.dana.patch(path, json=other, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "skill_missing")
    assert refused.json()["visit_id"] == planned["id"]
    assert [one["skill_id"] for one in refused.json()["missing"]] == [gas]
    assert f"Nobody on the visit of {job.said} has" in refused.json()["detail"]
    assert (await job.dana.got(path))["version"] == 1

    await did(job.dana, planned, "unschedule")
    changed = await job.dana.patched(path, 1, other)
    assert changed["job_type"]["id"] == gas_job.work.job_type_id


async def test_a_site_keeps_its_clock_while_times_were_told_by_it(acme: Company) -> None:
    job = await a_job(acme)
    visit = await job.visit(
        window_start_local=f"{job.day}T08:00", window_end_local=f"{job.day}T10:00"
    )
    path = f"{SITES}/{job.work.site['id']}"
    for change in ({"time_zone": "America/Denver"}, {"postal_code": "10001", "city": None}):
        refused = await job.dana.patch(path, json=change, headers={"If-Match": '"v1"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "other_time_zone")
        assert f"{job.said}, 08:00–10:00" in refused.json()["detail"]
        assert "Cancel it first" in refused.json()["detail"]
    renamed = await job.dana.patched(path, 1, {"name": "Barn"})
    assert renamed["time_zone"] == "America/Phoenix"

    await did(job.dana, visit, "cancel", reason="Told by the wrong clock")
    assert (await job.dana.patched(path, 2, {"time_zone": "America/Denver"}))["version"] == 3


async def test_planned_work_moves_only_to_a_site_with_the_same_clock(acme: Company) -> None:
    job = await a_job(acme)
    planned = await job.planned(await technician(acme))
    path = f"{ORDERS}/{planned['work_order']['id']}"
    far = await job.dana.made(
        SITES,
        {"customer_id": job.work.customer["id"], "street": "1 Main St", "postal_code": "10001"},
    )
    refused = await job.dana.patch(path, json={"site_id": far["id"]}, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "other_time_zone")
    assert "Unschedule it first" in refused.json()["detail"]
    assert refused.json()["visit_id"] == planned["id"]

    await did(job.dana, planned, "unschedule")
    assert (await job.dana.patched(path, 1, {"site_id": far["id"]}))["site"]["id"] == far["id"]
    assert (await job.dana.got(f"{VISITS}/{planned['id']}"))["status"] == "unscheduled"
