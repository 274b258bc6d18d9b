"""Notes, files and attachments, live: told to whom the record is open on which they are."""

from tests.support.field import a_job
from tests.support.live import listening
from tests.support.people import Company
from tests.test_files import sent

NOTES, FILES, ATTACHMENTS = "/api/v2/notes", "/api/v2/files", "/api/v2/attachments"


async def test_what_is_reached_through_a_record_is_told_to_whom_the_record_is_open(
    acme: Company,
) -> None:
    owner, job = await acme.person("owner"), await a_job(acme)
    able = ["notes:read", "files:read", "work-orders:read"]
    role = {"name": "clerk of papers", "level": 5, "record_scope": "all", "permissions": able}
    await owner.made("/api/v2/roles", role)
    clerk = await acme.person("clerk of papers")
    on = {"customer": job.work.customer["id"], "work_order": (await job.work.order())["id"]}

    async def note(entity: str, audience: str = "everyone") -> str:
        draft = {"entity": entity, "entity_id": on[entity], "body": "x", "audience": audience}
        return str((await owner.made(NOTES, draft))["id"])

    async def papers(entity: str, id: str) -> list[str]:
        """A file on this record."""
        file = (await sent(owner, "plan.txt", f"For {id}.".encode()))["id"]
        draft = {"file_id": file, "entity": entity, "entity_id": id}
        return [f"file:{file}", f"attachment:{(await owner.made(ATTACHMENTS, draft))['id']}"]

    open_note, shut_note, own_note = (
        await note("work_order"),
        await note("customer"),
        await note("work_order", "author"),
    )
    shut = [f"note:{shut_note}", f"note:{own_note}", *await papers("customer", on["customer"])]
    shut += [*await papers("note", shut_note), *await papers("note", own_note)]
    opened = [f"note:{open_note}", *await papers("work_order", on["work_order"])]
    opened += await papers("note", open_note)

    for topic in (*shut, *opened):
        kind, _, id = topic.partition(":")
        found = (await clerk.get(f"/api/v2/{kind}s/{id}")).status_code
        assert found == (200 if topic in opened else 404), topic
    async with listening(clerk, *shut, *opened) as live:
        answer = await live.one("subscribed")
        assert answer["refused"] == [{"topic": one, "code": "not_found"} for one in shut]
        assert set(answer["topics"]) == set(opened)
        for id in (shut_note, own_note, open_note):
            await owner.patched(f"{NOTES}/{id}", 1, {"body": "y"})
        assert (await live.fact("note.changed"))["id"] == open_note
        assert {one["id"] for one in live.all("event")} == {open_note}
