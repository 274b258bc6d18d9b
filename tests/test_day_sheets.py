"""A technician's day on paper: whose it is, what is on it, and what is not."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from app.core import clock
from tests.support.field import PHOENIX, a_job, technician
from tests.support.people import Company, Person
from tests.support.queries import counted

CODE = "4711#"


async def printed(person: Person, path: str, **params: Any) -> list[str]:
    """The pages of a PDF, as they are read."""
    reply = await person.get(f"/api/v2/{path}", params=params)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["cache-control"] == "private, no-store"
    texts = (page.extract_text() for page in PdfReader(BytesIO(reply.content)).pages)
    words = (" ".join(text.replace("\u00a0", " ").split()) for text in texts)
    return [text.replace("– ", "–") for text in words]


async def test_a_day_is_printed_with_all_that_whoever_drives_needs(acme: Company) -> None:
    owner = await acme.person("owner")
    tina = await acme.person("technician", "tina")
    dick = await acme.person("technician", "dick")
    job = await a_job(acme, checklist=("Locate both lids",))
    phoenix = {"time_zone": "America/Phoenix"}
    tess = await technician(acme, "Tess Ode", who=tina)
    bo = await technician(acme, "Bo Diaz", who=dick)
    for one in (tess, bo):
        seen = await owner.got(f"/api/v2/technicians/{one}")
        base = {"base_name": "Yard", "base_latitude": 33.45, "base_longitude": -112.07}
        await owner.patched(f"/api/v2/technicians/{one}", seen["version"], phoenix | base)
    site = await owner.got(f"/api/v2/sites/{job.work.site['id']}")
    await owner.patched(
        f"/api/v2/sites/{site['id']}",
        site["version"],
        {
            "gate_code": CODE,
            "access_notes": "Ring first.",
            "hazards": [{"text": "Dog in the yard", "severity": "danger"}],
            "latitude": 33.6,
            "longitude": -112.2,
        },
    )
    late = await job.planned(tess, bo, at=job.nine + timedelta(hours=3))
    early = await job.visit(
        instructions="Bring the long hose.",
        window_start=job.nine.isoformat(),
        window_end=(job.nine + timedelta(hours=2)).isoformat(),
    )
    reply = await job.schedule(early, tess, start=job.nine)
    assert reply.status_code == 200, reply.text
    await job.dana.made(
        "/api/v2/events",
        {
            "title": "Toolbox talk",
            "starts_at": (job.nine - timedelta(hours=2)).isoformat(),
            "ends_at": (job.nine - timedelta(minutes=90)).isoformat(),
            "technician_ids": [tess],
        },
    )
    for who, body in ((None, "The yard opens at six."), (tess, "Take van 7."), (bo, "Van 8.")):
        await job.dana.made(
            "/api/v2/day-notes", {"day": job.day, "technician_id": who, "body": body}
        )
    sheet = f"technicians/{tess}/day-sheet"
    (page,) = await printed(job.dana, sheet, day=job.day)
    places = [
        page.index(said)
        for said in (
            "Tess Ode", "2 visits", "From Yard",
            "To know today", "The yard opens at six.", "Take van 7.", "7:00 AM–7:30 AM", "Toolbox talk", "Leave at 8:",
            "(our estimate)", "9:00 AM–10:00 AM", "Arrive 9:00 AM–11:00 AM", "Ann Lee", "12 Main St",
            "Dog in the yard", "(202) 555-0142", "Ring first.", "Bring the long hose.",
            "Locate both lids", "At the same place", "12:00 PM–1:00 PM", "With Bo Diaz", "Back: ",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert CODE in page
    assert "Van 8." not in page
    viewer = await acme.person("viewer")
    (veiled,) = await printed(viewer, sheet, day=job.day)
    assert veiled == page.replace(f"Code {CODE} ", "")

    tight = await job.planned(tess, at=job.nine + timedelta(hours=1))
    far = await job.dana.made(
        "/api/v2/sites",
        {"customer_id": job.work.customer["id"], "street": "9 Far Rd", "postal_code": "85201"},
    )
    far = (await job.work.order(site_id=far["id"]))["id"]
    away = await job.visit(work_order_id=far)
    reply = await job.schedule(away, tess, start=job.nine + timedelta(hours=2))
    assert reply.status_code == 200, reply.text
    crowded = " ".join(await printed(job.dana, sheet, day=job.day))
    assert "Leave at 11:00 AM" in crowded  # when the one before is over
    assert crowded.count("min too few") == 2  # there, and back to the one at noon
    assert tight["status"] == "scheduled"

    own = " ".join(await printed(tina, sheet, day=job.day))
    assert "Ann Lee" in own
    assert CODE not in own  # not before the day
    strange = await dick.get(f"/api/v2/{sheet}", params={"day": job.day})
    assert (strange.status_code, strange.json()["code"]) == (404, "not_yours")

    assert late["status"] == "scheduled"
    everybody = await printed(job.dana, "day-sheets", day=job.day)
    assert [page[:18].strip() for page in everybody if page.startswith("Day sheet")] == [
        "Day sheet Bo Diaz", "Day sheet Tess Ode",
    ]  # fmt: skip
    (his,) = await printed(dick, "day-sheets", day=job.day)
    assert "1 visit ·" in his
    both = await printed(job.dana, "day-sheets", day=job.day, technician_id=[tess, bo])
    assert both == everybody
    refused = await dick.get("/api/v2/day-sheets", params={"technician_id": [tess, bo]})
    assert refused.status_code == 404
    (empty,) = await printed(tina, sheet, day="2030-01-06")
    assert "Nothing is planned for this day." in empty


async def test_a_code_is_on_the_sheet_of_the_day(acme: Company) -> None:
    owner, tom = await acme.person("owner"), await acme.person("technician", "tom")
    job = await a_job(acme)
    mine = await technician(acme, "Tom Fox", who=tom)
    seen = await owner.got(f"/api/v2/technicians/{mine}")
    zone = {"time_zone": "America/Phoenix"}
    await owner.patched(f"/api/v2/technicians/{mine}", seen["version"], zone)
    site = await owner.got(f"/api/v2/sites/{job.work.site['id']}")
    path = f"/api/v2/sites/{site['id']}"
    await owner.patched(path, site["version"], {"gate_code": CODE})
    here = clock.now().astimezone(PHOENIX)
    noon = here.replace(hour=12, minute=0, second=0, microsecond=0)
    await job.planned(mine, at=noon)
    (page,) = await printed(tom, f"technicians/{mine}/day-sheet", day=here.date().isoformat())
    assert CODE in page


async def test_many_sheets_take_the_queries_of_one(acme: Company) -> None:
    job = await a_job(acme)
    people = [await technician(acme, f"Many {n}") for n in range(4)]

    async def queries(who: list[str]) -> int:
        with counted(acme.server) as seen:
            await printed(job.dana, "day-sheets", day=job.day, technician_id=who)
        return len(seen)

    await job.planned(people[0])
    one = await queries(people[:1])
    for who in people[1:]:
        await job.planned(who)
    assert await queries(people) == one
