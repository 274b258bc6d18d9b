"""Fields that only some roles see are absent everywhere for the others (row B4, check A10)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from app.api.outputs import Out
from app.core import clock
from app.models.permissions import SYSTEM_ROLES
from app.models.sensitive import sensitive, sensitive_models, sensitive_within
from tests.support.field import VISITS, a_job, technician
from tests.support.people import Company, Person
from tests.support.server import Server

CODE = "4711#open-sesame"


def _shapes(shape: type[Out] = Out) -> list[type[Out]]:
    found = [shape]
    for inner in shape.__subclasses__():
        found += _shapes(inner)
    return found


WITHIN = [keys for model in sensitive_models() for keys in sensitive_within(model).values()]
MARKED = {name for model in sensitive_models() for name in sensitive(model)}.union(*WITHIN)
"""Each sensitive column, and each sensitive key within a column of JSON."""
ALWAYS = {("AccessCodesOut", "gate_code"): "answered only to those who may see it"}
"""Outputs that show such a field unmarked, and why."""


def test_outputs_mark_what_the_columns_mark() -> None:
    bare = {
        (shape.__name__, name)
        for shape in _shapes()
        for name, field in shape.model_fields.items()
        if name in MARKED and field.exclude_if is None
    }
    assert bare == set(ALWAYS), "Give the field `only(permission)`, or a line with its reason."


async def _site(company: Company) -> Any:
    dana = await company.person("dispatcher")
    customer = await dana.made("/api/v2/customers", {"name": "Gated Community"})
    body = {"street": "1 Gate Rd", "postal_code": "85001", "customer_id": customer["id"]}
    return await dana.made("/api/v2/sites", {**body, "gate_code": CODE})


async def _everything(person: Person, site: Any) -> dict[str, str]:
    """What every way to a site answers this person."""
    path = f"/api/v2/sites/{site['id']}"
    addresses = {
        "get": path,
        "list": "/api/v2/sites?limit=200",
        "history": f"{path}/history",
        "timeline": f"{path}/timeline",
        "search": "/api/v2/search?q=gate",
        "by code": f"/api/v2/search?q={CODE[:4]}",
    }
    return {name: (await person.get(address)).text for name, address in addresses.items()}


@pytest.mark.parametrize("role", SYSTEM_ROLES)
async def test_a_gate_code_is_there_for_those_who_may_see_it(acme: Company, role: str) -> None:
    site, person = await _site(acme), await acme.person(role)
    seen = {name for name, text in (await _everything(person, site)).items() if CODE in text}
    sees = role in ("owner", "admin", "manager", "dispatcher")
    assert seen == ({"get", "list"} if sees else set())
    shown = await person.get(f"/api/v2/sites/{site['id']}")
    assert ("gate_code" in shown.json()) is sees
    changes = (await person.get(f"/api/v2/sites/{site['id']}/history")).json()
    named = [one for one in changes.get("data", []) if "gate_code" in one["changes"]]
    assert len(named) == (1 if sees else 0)


async def test_a_kept_reply_shows_nothing_that_may_not_be_seen_any_more(acme: Company) -> None:
    owner, gia = await acme.person("owner"), await acme.person("dispatcher", "gia")
    role = {
        "name": "Desk without codes", "level": 30, "record_scope": "all",
        "permissions": ["customers:read", "customers:write", "sites:read", "sites:write"],
    }  # fmt: skip
    await owner.made("/api/v2/roles", role)
    customer = await gia.made("/api/v2/customers", {"name": "Gated Once"})
    body = {"street": "2 Gate Rd", "postal_code": "85001", "customer_id": customer["id"]}
    body |= {"gate_code": CODE}
    key = {"headers": {"Idempotency-Key": "a gate"}}
    made = await gia.made("/api/v2/sites", body, **key)
    assert (await gia.made("/api/v2/sites", body, **key)) == made

    await owner.patched(f"/api/v2/memberships/{gia.user_id}", 1, {"role": role["name"]})
    await gia.again()
    withheld = await gia.post("/api/v2/sites", json=body, **key)
    assert (withheld.status_code, withheld.json()["code"]) == (409, "reply_withheld")
    assert CODE not in withheld.text
    other = await gia.post("/api/v2/sites", json={**body, "street": "3 Gate Rd"}, **key)
    assert other.json()["code"] == "idempotency_key_reused"
    sites = await gia.got("/api/v2/sites", customer_id=customer["id"])
    assert [one["id"] for one in sites["data"]] == [made["id"]], "nothing is done twice"


async def test_the_journal_never_holds_a_gate_code(acme: Company, server: Server) -> None:
    site, dana = await _site(acme), await acme.person("dispatcher")
    await dana.patched(f"/api/v2/sites/{site['id']}", 1, {"gate_code": f"{CODE}2"})
    connection = await asyncpg.connect(server.database.admin)
    rows = await connection.fetch(
        "select changes from journal where entity_id = $1 order by id", UUID(site["id"])
    )
    await connection.close()
    told = [orjson.loads(changes) for (changes,) in rows]
    assert CODE not in str(told)
    assert [one["gate_code"] for one in told if "gate_code" in one] == ["redacted"] * 2


async def test_who_may_not_see_a_code_sets_none(acme: Company) -> None:
    site, owner = await _site(acme), await acme.person("owner")
    rights = ["sites:read", "sites:write", "customers:read"]
    role = {"name": "Clerk", "level": 5, "record_scope": "all", "permissions": rights}
    await owner.made("/api/v2/roles", role)
    cleo = await acme.person("Clerk", "cleo")
    path, body = f"/api/v2/sites/{site['id']}", {"gate_code": "0000"}
    refused = await cleo.patch(path, json=body, headers={"If-Match": '"v1"'})
    assert (refused.status_code, refused.json()["permission"]) == (403, "sites:access-codes")
    changed = await cleo.patched(path, 1, {"name": "North gate"})
    assert "gate_code" not in changed
    stale = await cleo.patch(path, json={"name": "South"}, headers={"If-Match": '"v1"'})
    assert "gate_code" not in stale.json()["current"]
    assert (await owner.got(path))["gate_code"] == CODE


async def test_a_technician_sees_the_codes_on_the_day_of_the_visit(acme: Company) -> None:
    job = await a_job(acme)
    theo = await acme.person("technician", "theo")
    on_it = await technician(acme, "Theo", who=theo)
    await job.dana.patched(
        f"/api/v2/sites/{job.work.site['id']}", job.work.site["version"], {"gate_code": CODE}
    )
    path = f"/api/v2/sites/{job.work.site['id']}/access-codes"
    assert (await theo.get(path)).status_code == 404
    visit = await job.planned(on_it)
    early = await theo.get(path)
    assert (early.status_code, early.json()["code"]) == (404, "not_today")

    today = clock.now().replace(microsecond=0)
    moved = await job.schedule(visit, on_it, start=today - timedelta(minutes=5))
    assert moved.status_code == 200, moved.text
    assert (await theo.got(path))["gate_code"] == CODE
    assert "gate_code" not in await theo.got(f"/api/v2/sites/{job.work.site['id']}")

    off = await job.dana.post(
        f"{VISITS}/{visit['id']}/unschedule",
        headers={"If-Match": f'"v{moved.json()["version"]}"'},
        json={},
    )
    assert off.status_code == 200
    assert (await theo.get(path)).status_code == 404
