"""Job types as templates: what new work of a kind starts with."""

from typing import Any

import pytest

from tests.support.people import Company
from tests.support.work import ORDERS, some_work

TYPES = "/api/v2/job-types"
TASKS = [
    {"title": "Open both lids", "required": False, "kind": "check"},
    {"title": "Depth of the sludge", "required": True, "kind": "number"},
    {"title": "What was found", "required": True, "kind": "text"},
]
PRICES: list[dict[str, Any]] = [
    {"description": "Pumping, first 1,000 gallons", "unit_price": "385"},
    {
        "description": "Each further 100 gallons",
        "detail": "By the meter of the truck.",
        "quantity": "2.5",
        "unit": "100 gal",
        "unit_price": "30.20",
        "taxable": False,
    },
]


async def _template(company: Company, name: str) -> Any:
    owner = await company.person("owner")
    return await owner.made(
        TYPES,
        {
            "name": name,
            "trade": "septic",
            "duration_minutes": 90,
            "crew_size": 2,
            "instructions": "Park on the street; the drive does not bear the truck.",
            "tasks": TASKS,
            "price_lines": PRICES,
        },
    )


async def test_new_work_starts_with_what_its_template_says(acme: Company) -> None:
    template = await _template(acme, "Pump-out")
    assert (template["crew_size"], template["tasks"]) == (2, TASKS)
    assert template["checklist"] == [task["title"] for task in TASKS]
    assert [line["unit_price"] for line in template["price_lines"]] == ["385", "30.2"]

    dana = await acme.person("dispatcher")
    work = await some_work(acme, dana)
    order = await work.order(job_type_id=template["id"])
    assert order["description"] == "Park on the street; the drive does not bear the truck."
    steps = [{k: step[k] for k in ("title", "required", "kind")} for step in order["checklist"]]
    assert steps == TASKS
    own = await work.order(job_type_id=template["id"], description="Ring first.", checklist=[])
    assert (own["description"], own["checklist"]) == ("Ring first.", [])

    clerk = await acme.person("accountant")
    invoice = await clerk.made(f"{ORDERS}/{order['id']}/invoices", {})
    assert [
        (line["description"], line["quantity"], line["unit"], line["taxable"], line["amount"])
        for line in invoice["lines"]
    ] == [
        ("Pumping, first 1,000 gallons", "1", "each", True, 38500),
        ("Each further 100 gallons", "2.5", "100 gal", False, 7550),
    ]
    assert invoice["subtotal"] == 46050


async def test_steps_ask_for_words_and_numbers(acme: Company) -> None:
    template = await _template(acme, "Inspection")
    dana = await acme.person("dispatcher")
    order = await (await some_work(acme, dana)).order(job_type_id=template["id"])
    look, depth, found = (
        f"{ORDERS}/{order['id']}/checklist-items/{step['id']}" for step in order["checklist"]
    )
    assert (await dana.made(f"{look}/done"))["answer"] is None
    for path, answer, says in (
        (depth, None, "“Depth of the sludge” asks for the number you read."),
        (depth, "a lot", "“Depth of the sludge” asks for a number, such as 12.5."),
        (found, None, "“What was found” asks for a few words."),
    ):
        reply = await dana.post(f"{path}/done", json={"answer": answer})
        assert (reply.status_code, reply.json()["detail"]) == (422, says)
        assert reply.json()["errors"][0]["pointer"] == "/answer"
    done = await dana.made(f"{depth}/done", {"answer": "14.5"})
    assert (done["answer"], done["done_at"] is None) == ("14.5", False)
    changed = await dana.patch(depth, json={"kind": "text"})
    assert (changed.status_code, changed.json()["code"]) == (409, "done")
    undone = await dana.made(f"{depth}/undo")
    assert (undone["answer"], undone["done_at"]) == (None, None)


async def test_a_step_keeps_its_details_while_its_title_stays(acme: Company) -> None:
    template = await _template(acme, "Emptying")
    owner = await acme.person("owner")
    path = f"{TYPES}/{template['id']}"
    changed = await owner.patched(
        path, 1, {"checklist": ["What was found", "Close both lids"], "crew_size": 3}
    )
    assert changed["tasks"] == [
        {"title": "What was found", "required": True, "kind": "text"},
        {"title": "Close both lids", "required": False, "kind": "check"},
    ]
    story = await owner.got(f"{path}/timeline")
    assert story["data"][0]["sentence"] == "Job type Emptying was changed (checklist, crew size)."
    same = await owner.patched(path, 2, {"tasks": changed["tasks"]})
    assert same["version"] == 2
    bare = await owner.patched(path, 2, {"tasks": [], "price_lines": [], "instructions": None})
    assert (bare["checklist"], bare["price_lines"], bare["instructions"]) == ([], [], None)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"crew_size": 0}, "/crew_size"),
        ({"crew_size": 21}, "/crew_size"),
        ({"tasks": [{"title": "Look", "kind": "dance"}]}, "/tasks/0/kind"),
        ({"tasks": [{"title": "Look"}, {"title": "Look"}]}, "/tasks/1/title"),
        ({"tasks": [{"title": "Look"}], "checklist": ["Look"]}, ""),
        ({"price_lines": [{"description": "Work"}]}, "/price_lines/0/unit_price"),
        (
            {"price_lines": [{"description": "W", "unit_price": "1", "quantity": "0"}]},
            "/price_lines/0/quantity",
        ),
        ({"instructions": ""}, "/instructions"),
    ],
)
async def test_what_a_template_cannot_say_is_named(
    acme: Company, wrong: dict[str, Any], pointer: str
) -> None:
    owner = await acme.person("owner")
    body = {"name": "Wrong", "trade": "septic", "duration_minutes": 60, **wrong}
    reply = await owner.post(TYPES, json=body)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
