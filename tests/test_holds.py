"""Credit hold, do-not-service and access hours: shown as banners, and in the way of booking."""

from datetime import timedelta
from typing import Any

from tests.support.field import VISITS, a_job, booked_with, did, story, technician
from tests.support.money import a_work_order, issued
from tests.support.people import Company, Person
from tests.support.queries import counted

CUSTOMERS = "/api/v2/customers"


async def held(
    person: Person, customer: Any, verb: str, reason: str | None = "90 days late"
) -> Any:
    body = {"reason": reason} if reason else {}
    return await person.made(f"{CUSTOMERS}/{customer['id']}/{verb}", body)


async def test_a_hold_is_put_on_shown_and_taken_off(acme: Company) -> None:
    dana, mia = await acme.person("dispatcher"), await acme.person("manager")
    ann = await dana.made(CUSTOMERS, {"name": "Ann Lee"})
    path = f"{CUSTOMERS}/{ann['id']}"
    refused = await dana.post(f"{path}/hold-credit", json={"reason": "x"})
    assert (refused.status_code, refused.json()["permission"]) == (403, "customers:hold")
    assert (await mia.post(f"{path}/hold-credit", json={})).status_code == 422

    shown = await held(mia, ann, "hold-credit")
    shown = await held(mia, ann, "stop-service", "Threatened Theo")
    assert [(one["kind"], one["reason"], one["by"]["name"]) for one in shown["banners"]] == [
        ("do_not_service", "Threatened Theo", "Manager"),
        ("credit_hold", "90 days late", "Manager"),
    ]
    assert (await dana.got(path))["banners"] == shown["banners"]
    twice = await mia.post(f"{path}/hold-credit", json={"reason": "again"})
    assert (twice.status_code, twice.json()["detail"]) == (
        409,
        "Ann Lee is on credit hold already: 90 days late.",
    )
    for query in ({"on_credit_hold": True}, {"do_not_service": True}):
        assert ann["id"] in [one["id"] for one in (await dana.got(CUSTOMERS, **query))["data"]]
    free = await dana.got(CUSTOMERS, on_credit_hold=False)
    assert ann["id"] not in [one["id"] for one in free["data"]]

    await held(mia, ann, "release-credit", "Paid in full")
    assert (await held(mia, ann, "resume-service", None))["banners"] == []
    again = await mia.post(f"{path}/resume-service", json={})
    assert (again.status_code, again.json()["code"]) == (409, "not_on_hold")
    assert [one["sentence"] for one in await story(dana, path)][1:] == [
        "Ann Lee was put on credit hold: 90 days late.",
        "Ann Lee is not to be served: Threatened Theo.",
        "Ann Lee was taken off credit hold: Paid in full.",
        "Ann Lee is served again.",
    ]


async def test_a_hold_refuses_booking_until_it_is_overruled_with_a_reason(acme: Company) -> None:
    job = await a_job(acme)
    dana, mia = job.dana, await acme.person("manager")
    tess = await technician(acme)
    visit = await job.visit()
    await held(mia, job.work.customer, "hold-credit")
    await held(mia, job.work.customer, "stop-service", "Bites")

    order = {"work_order_id": visit["work_order_id"]}
    unmade = await dana.post(VISITS, json=order)
    assert (unmade.status_code, unmade.json()["code"]) == (409, "do_not_service")
    assert unmade.json()["permission_to_overrule"] == "dispatch:override"
    assert unmade.json()["detail"].startswith("Ann Lee is not to be served: Bites.")
    said = {"codes": ["do_not_service"], "reason": "Gas leak"}
    half = await mia.post(VISITS, json=order | {"override": said})
    assert (half.status_code, half.json()["code"]) == (409, "credit_hold")
    assert half.json()["permission_to_overrule"] == "credit:override"
    said = {"codes": ["do_not_service", "credit_hold"], "reason": "Gas leak"}
    lesser = await dana.post(VISITS, json=order | {"override": said})
    assert (lesser.status_code, lesser.json()["permission"]) == (403, "dispatch:override")
    made = await mia.made(VISITS, order | {"override": said})
    assert [one["kind"] for one in made["banners"]] == ["do_not_service", "credit_hold"]

    unbooked = await job.schedule(visit, tess, start=job.nine)
    assert (unbooked.status_code, unbooked.json()["code"]) == (409, "do_not_service")
    window = {
        "window_start": job.nine.isoformat(),
        "window_end": (job.nine + timedelta(hours=2)).isoformat(),
        "told_via": "phone",
    }
    path = f"{VISITS}/{visit['id']}"
    unpromised = await dana.post(f"{path}/promise", json=window)
    assert (unpromised.status_code, unpromised.json()["code"]) == (409, "do_not_service")
    visit = await did(mia, visit, "promise", **window, override=said)
    told = (await story(dana, path))[-1]
    assert told["fact"] == "visit.promised"
    assert "although Ann Lee is not to be served" in told["sentence"]
    booked = await did(
        mia, visit, "schedule", technician_ids=[tess], start=job.nine.isoformat(), override=said
    )
    assert booked["status"] == "scheduled"
    told = (await story(dana, f"{VISITS}/{visit['id']}"))[-1]
    assert told["sentence"].endswith(
        ", although Ann Lee is not to be served and Ann Lee is on credit hold: “Gas leak”."
    )
    entry = await dana.got(f"/api/v2/journal/{told['id']}")
    assert entry["changes"]["overruled"] == ["do_not_service", "credit_hold"]
    assert entry["changes"]["overruled_because"] == "Gas leak"
    shown = await dana.got(f"/api/v2/work-orders/{visit['work_order_id']}")
    assert [one["kind"] for one in shown["banners"]] == ["do_not_service", "credit_hold"]


async def test_what_is_owed_is_a_banner_for_those_who_read_invoices(acme: Company) -> None:
    amy, theo = await acme.person("accountant"), await acme.person("technician")
    order = await a_work_order(acme)
    await issued(amy, order, "125.50")
    path = f"{CUSTOMERS}/{order['customer']['id']}"
    (banner,) = (await amy.got(path))["banners"]
    assert (banner["kind"], banner["amount"], banner["currency"]) == ("balance", 12550, "USD")
    (shown,) = (await amy.got(f"/api/v2/work-orders/{order['id']}"))["banners"]
    assert shown["amount"] == 12550
    visit = await booked_with(acme, order, theo, name="Theo")
    assert (await theo.got(path))["banners"] == []
    assert (await theo.got(f"{VISITS}/{visit['id']}"))["banners"] == []


async def test_a_site_is_entered_in_its_access_hours_give_or_take_a_quarter_of_an_hour(
    acme: Company,
) -> None:
    job = await a_job(acme)
    tess, mia = await technician(acme), await acme.person("manager")
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = days[job.nine.weekday()]  # nine in Phoenix is the same day in UTC
    spans = [
        {"weekday": today, "opens": "13:00", "closes": "17:00"},
        {"weekday": today, "opens": "08:00", "closes": "11:00"},
    ]
    path = f"/api/v2/sites/{job.work.site['id']}"
    site = await job.dana.patched(
        path,
        1,
        {
            "access_hours": spans,
            "hazards": [{"text": "Step"}, {"text": "Dog", "severity": "danger"}],
        },
    )
    assert [one["opens"] for one in site["access_hours"]] == ["08:00", "13:00"]
    assert [one["text"] for one in site["hazards"]] == ["Dog", "Step"]

    visit = await job.visit(duration_minutes=60)
    fits = await job.schedule(visit, tess, start=job.nine)
    assert fits.status_code == 200, fits.text
    early = await job.schedule(fits.json(), tess, start=job.nine - timedelta(minutes=75))
    assert early.status_code == 200, early.text
    late = await job.schedule(early.json(), tess, start=job.nine + timedelta(minutes=90))
    assert (late.status_code, late.json()["code"]) == (409, "outside_access_hours")
    assert f"{today.capitalize()} 08:00–11:00 and 13:00–17:00" in late.json()["detail"]
    said = {"codes": ["outside_access_hours"], "reason": "Neighbour has the key"}
    booked = await did(
        mia,
        early.json(),
        "schedule",
        technician_ids=[tess],
        start=(job.nine + timedelta(minutes=90)).isoformat(),
        override=said,
    )
    assert booked["status"] == "scheduled"
    told = (await story(job.dana, f"{VISITS}/{visit['id']}"))[-1]
    assert "although the site can be entered" in told["sentence"]


async def test_spans_that_cannot_be_are_refused(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    ann = await dana.made(CUSTOMERS, {"name": "Ann Lee"})
    draft = {"customer_id": ann["id"], "street": "12 Main St", "postal_code": "85001"}
    for hours in (
        [("mon", "10:00", "09:00")],
        [("mon", "08:00", "12:00"), ("mon", "11:00", "13:00")],
        [("mon", "8:00", "12:00")],
        [("mon", "08:00", "25:00")],
    ):
        spans = [{"weekday": d, "opens": o, "closes": c} for d, o, c in hours]
        reply = await dana.post("/api/v2/sites", json=draft | {"access_hours": spans})
        assert reply.status_code == 422, hours
        assert reply.json()["errors"][0]["pointer"].startswith("/access_hours")
    night = [
        {"weekday": "fri", "opens": "22:00", "closes": "24:00"},
        {"weekday": "sat", "opens": "00:00", "closes": "04:00"},
    ]
    made = await dana.made("/api/v2/sites", draft | {"access_hours": night})
    assert made["access_hours"] == night


async def test_banners_cost_a_list_one_query_however_long_it_is(acme: Company) -> None:
    dana, mia = await acme.person("dispatcher"), await acme.person("manager")
    for n in range(6):
        await held(mia, await dana.made(CUSTOMERS, {"name": f"Held {n}"}), "hold-credit")
    counts = []
    for limit in (1, 6):
        with counted(acme.server) as asked:
            await dana.got(CUSTOMERS, limit=limit)
        counts.append(len(asked))
    assert counts[0] == counts[1]
