"""Confirmation mails: a promise is confirmed when somebody asks for it, once, with an invitation."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import asyncpg
import icalendar
import pytest

from tests.support.field import VISITS, Job, technician
from tests.support.jobs import working
from tests.support.people import Company, Person
from tests.support.post import delivered, read_outbox, text_of, wake_the_queue
from tests.support.waiting import until
from tests.support.work import some_work


async def a_job(company: Company, email: str | None) -> Job:
    """Work for a customer with this address."""
    dana = await company.person("dispatcher")
    work = await some_work(company, dana)
    customer = work.customer
    if email is not None:
        await dana.patched(
            f"/api/v2/customers/{customer['id']}", customer["version"], {"email": email}
        )
    return Job(company, dana, work)


def window(start: datetime, **more: Any) -> dict[str, Any]:
    """A promise of two hours."""
    return {
        "window_start": start.isoformat(),
        "window_end": (start + timedelta(hours=2)).isoformat(),
        "told_via": "not_yet",
        "notify": True,
        **more,
    }


def calendar_of(mail: EmailMessage) -> Any:
    """The calendar that goes along."""
    [part] = mail.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_filename() == "appointment.ics"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    calendar = icalendar.Calendar.from_ical(content)
    assert part.get_param("method") == calendar["method"]
    return calendar


async def test_a_promise_is_confirmed_with_an_invitation_that_moves_and_is_taken_back(
    acme: Company,
) -> None:
    job = await a_job(acme, "ann@example.com")
    visit = await job.visit()
    path = f"{VISITS}/{visit['id']}"
    promised = await job.dana.made(f"{path}/promise", window(job.nine))
    assert promised["promise"]["told_via"] == "email"
    assert promised["promise"]["told_to"] == "ann@example.com"
    mail = await delivered(acme.server, "ann@example.com")
    assert job.said in str(mail["Subject"])
    assert "12 Main St" in text_of(mail)
    calendar = calendar_of(mail)
    [event] = calendar.walk("VEVENT")
    assert (calendar["method"], event["sequence"], event["status"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["dtstart"].dt == job.nine
    assert event["dtstart"].params["TZID"] == "America/Phoenix"
    assert event["attendee"] == "mailto:ann@example.com"
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == ["America/Phoenix"]

    again = await job.dana.made(f"{path}/promise", window(job.nine))
    assert again["version"] > promised["version"]
    later = job.nine + timedelta(hours=4)
    await job.dana.made(f"{path}/promise", window(later, reason="The truck broke down"))
    mail = await delivered(acme.server, "ann@example.com", more_than=1)
    assert len(await read_outbox(acme.server, "ann@example.com")) == 2, "one for each window"
    [moved] = calendar_of(mail).walk("VEVENT")
    assert (moved["uid"], moved["dtstart"].dt) == (event["uid"], later)
    assert moved["sequence"] > event["sequence"]

    await job.dana.made(f"{path}/cancel", {"reason": "Sold the house", "notify": True})
    mail = await delivered(acme.server, "ann@example.com", more_than=2)
    calendar = calendar_of(mail)
    [gone] = calendar.walk("VEVENT")
    assert (calendar["method"], gone["status"], gone["uid"]) == (
        "CANCEL", "CANCELLED", event["uid"],
    )  # fmt: skip
    assert gone["sequence"] > moved["sequence"]
    assert "canceled" in str(mail["Subject"])


async def test_nothing_is_sent_unless_somebody_asks(acme: Company) -> None:
    job = await a_job(acme, "quiet@example.com")
    visit = await job.visit()
    path = f"{VISITS}/{visit['id']}"
    promised = await job.dana.made(f"{path}/promise", window(job.nine, notify=False))
    assert promised["promise"]["told_via"] == "not_yet"
    tess = await technician(acme)
    for hours in (1, 2):
        reply = await job.schedule(promised, tess, start=job.nine + timedelta(hours=hours))
        assert reply.status_code == 200, reply.text
        promised = reply.json()
    owner = await acme.person("owner")
    mails = await owner.got("/api/v2/mails", about_id=visit["id"])
    assert mails["data"] == []
    nobody = await job.dana.post(f"{path}/cancel", json={"reason": "Rain", "notify": True})
    assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (422, "not_invited")


async def test_the_contact_who_wants_to_hear_of_appointments_is_written_to(acme: Company) -> None:
    job = await a_job(acme, "office@example.com")
    contact = {
        "name": "Tina Tenant",
        "email": "tina@example.com",
        "notifications": {"appointments": ["email"]},
        "customers": [{"customer_id": job.work.customer["id"], "roles": ["tenant"]}],
    }
    await job.dana.made("/api/v2/contacts", contact)
    visit = await job.visit()
    told = await job.dana.made(
        f"{VISITS}/{visit['id']}/promise", window(job.nine, told_via="phone", told_to="Tina")
    )
    assert (told["promise"]["told_via"], told["promise"]["told_to"]) == ("phone", "Tina")
    assert await delivered(acme.server, "tina@example.com")


@pytest.mark.parametrize("promised", [True, False])
async def test_without_an_address_nothing_is_promised_by_mail(
    acme: Company, promised: bool
) -> None:
    job = await a_job(acme, None)
    more = window(job.nine, told_via="phone")
    del more["notify"]
    visit = await job.visit(**{**more, "promised": promised, "told_via": None})
    reply = await job.dana.post(f"{VISITS}/{visit['id']}/promise", json=window(job.nine))
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/notify")
    assert "no e-mail address for Ann Lee" in reply.json()["detail"]
    seen = await job.dana.got(f"{VISITS}/{visit['id']}")
    assert seen["version"] == visit["version"], "not half a promise"


async def test_what_is_taken_back_within_ten_seconds_was_never_said(acme: Company) -> None:
    job = await a_job(acme, "bea@example.com")
    visit = await job.visit()
    owner = await acme.person("owner")
    async with working(acme.server.database, acme.server.state.sessions):
        await job.dana.made(f"{VISITS}/{visit['id']}/promise", window(job.nine))
        [mail] = (await owner.got("/api/v2/mails", about_id=visit["id"]))["data"]
        assert mail["status"] == "queued"
        assert 5 < await due_in(acme) <= 10  # and a worker is there
        [command] = (await job.dana.got("/api/v2/commands", mine=True, limit=1))["data"]
        undone = await job.dana.made(f"/api/v2/commands/{command['id']}/undo")
        assert undone["not_taken_back"] == []
        await wake_the_queue(acme.server)
        [asked] = (await owner.got("/api/v2/jobs", subject_id=mail["id"]))["data"]
        await until(lambda: ended(owner, asked["id"]))
    assert await read_outbox(acme.server, "bea@example.com") == []
    [mail] = (await owner.got("/api/v2/mails", about_id=visit["id"]))["data"]
    assert (mail["status"], mail["failure"]) == ("refused", "It was undone before it was sent.")


async def due_in(company: Company) -> float:
    """Seconds until the mail that waits may leave."""
    admin = await asyncpg.connect(company.server.database.admin)
    left = await admin.fetchval(
        "select extract(epoch from execute_after - now()) from jobs.pgqueuer"
        " where entrypoint = 'mail.send' and status = 'queued'"
    )
    await admin.close()
    return float(left)


async def ended(person: Person, job_id: str) -> bool:
    return bool((await person.got(f"/api/v2/jobs/{job_id}"))["status"] == "done")
