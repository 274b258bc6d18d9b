"""Flags: what one organisation does differently, typed, journalled, and obeyed."""

from typing import Any

from app.models.flags import Flags
from app.services.flags import FlagsPatch
from tests.support.people import Company, Person

FLAGS = "/api/v2/organisation/flags"


async def values(person: Person) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in (await person.got(FLAGS))["data"]}


async def test_a_flag_is_set_obeyed_told_and_put_back(acme: Company, rival: Company) -> None:
    olga, rob = await acme.person("owner"), await rival.person("owner")
    before = await olga.got(FLAGS)
    assert all(one["value"] == one["default"] and one["description"] for one in before["data"])
    changed = await olga.patched(
        FLAGS, before["version"], {"attachments_shown_to_customers": True, "largest_upload_mb": 1}
    )
    assert changed["version"] == before["version"] + 1
    said = await values(olga)
    assert (said["largest_upload_mb"], said["attachments_shown_to_customers"]) == (1, True)
    assert (await values(rob))["largest_upload_mb"] == 25

    large = {"file": ("large.txt", b"x" * (1024 * 1024 + 1))}
    refused = await olga.post("/api/v2/files", files=large)
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "Your organisation takes files of up to 1 MB.",
    )  # fmt: skip
    assert (await rob.post("/api/v2/files", files=large)).status_code == 201
    file = (await olga.post("/api/v2/files", files={"file": ("a.txt", b"Hello")})).json()
    ann = await olga.made("/api/v2/customers", {"name": "Ann Lee"})
    on_ann = {"file_id": file["id"], "entity": "customer", "entity_id": ann["id"]}
    assert (await olga.made("/api/v2/attachments", on_ann))["customer_visible"] is True

    await olga.patched(FLAGS, changed["version"], {"largest_upload_mb": None})
    assert (await values(olga))["largest_upload_mb"] == 25
    story = await olga.got("/api/v2/organisation/timeline", limit=2)
    assert [one["sentence"] for one in story["data"]] == [
        "Organisation Acme was changed (largest upload mb).",
        "Organisation Acme was changed (attachments shown to customers, largest upload mb).",
    ]
    history = await olga.got("/api/v2/organisation/history", limit=1)
    assert history["data"][0]["changes"] == {
        "flags": [
            {"attachments_shown_to_customers": True, "largest_upload_mb": 1},
            {"attachments_shown_to_customers": True},
        ]
    }


async def test_an_unknown_or_mistyped_flag_is_refused(acme: Company) -> None:
    olga, dana = await acme.person("owner"), await acme.person("dispatcher")
    version = (await olga.got(FLAGS))["version"]
    for wrong in ({"dark_mode": True}, {"largest_upload_mb": 26}, {"largest_upload_mb": "5"},
                  {"attachments_shown_to_customers": 1}, {}):  # fmt: skip
        reply = await olga.patch(FLAGS, json=wrong, headers={"If-Match": f'"v{version}"'})
        assert reply.status_code == 422, wrong
    assert (await dana.patch(FLAGS, json={}, headers={"If-Match": '"v1"'})).status_code == 403
    assert (await olga.got(FLAGS))["version"] == version


def test_what_is_declared_can_be_set() -> None:
    assert set(FlagsPatch.model_fields) == set(Flags.model_fields)
