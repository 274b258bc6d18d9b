"""What an organisation that begins has already is looked up. That samples count for nothing is told with them."""

from tests.support.people import found_company
from tests.support.server import Server

STEPS = "/api/v2/organisation/first-steps"


async def test_steps_are_done_by_what_is_there(server: Server) -> None:
    company = await found_company(server, "beginners")
    olga = await company.person("owner")
    nothing = dict.fromkeys(
        ("address", "technician", "job_type", "arrival_windows", "customer", "promised"), False
    )
    assert await olga.got(STEPS) == nothing
    await olga.made("/api/v2/customers", {"name": "Mine, Inc."})
    await olga.made("/api/v2/technicians", {"name": "Tess Ode"})
    own = await olga.got("/api/v2/organisation")
    place = await olga.got("/api/v2/postal-codes", postal_code="66603")
    assert (place["city"], place["region"], place["time_zone"]) == (
        "Topeka",
        "KS",
        "America/Chicago",
    )
    where = {"street": "700 Main St", "city": place["city"], "postal_code": place["postal_code"]}
    await olga.patched("/api/v2/organisation", own["version"], where)
    assert {step for step, done in (await olga.got(STEPS)).items() if done} == {
        "address",
        "technician",
        "customer",
    }
    unknown = await olga.get("/api/v2/postal-codes", params={"postal_code": "00000"})
    assert unknown.status_code == 404
    assert "Type the city yourself." in unknown.json()["detail"]
