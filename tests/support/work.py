"""Work to do: `work = await some_work(acme, dana)`, then `await work.order(…)`."""

from dataclasses import dataclass
from typing import Any

from app.core.ids import new_id
from tests.support.people import Company, Person

ORDERS = "/api/v2/work-orders"


@dataclass
class Work:
    """A customer, their site and a kind of work, ready for work orders."""

    person: Person
    customer: Any
    site: Any
    job_type_id: str

    async def order(self, **more: Any) -> Any:
        """A new work order."""
        return await self.person.made(ORDERS, self.draft(**more))

    def draft(self, **more: Any) -> dict[str, Any]:
        return {
            "customer_id": self.customer["id"],
            "site_id": self.site["id"],
            "job_type_id": self.job_type_id,
            **more,
        }


async def some_work(
    company: Company, person: Person, *, name: str = "Pumping", checklist: tuple[str, ...] = ()
) -> Work:
    """A customer with a site, and a job type called `name` and a number."""
    customer = await person.made("/api/v2/customers", {"name": "Ann Lee", "phone": "2025550142"})
    site = await person.made(
        "/api/v2/sites",
        {"customer_id": customer["id"], "street": "12 Main St", "postal_code": "85001"},
    )
    owner = await company.person("owner")
    job_type = await owner.made(
        "/api/v2/job-types",
        {
            "name": f"{name} {new_id()}",
            "trade": "septic",
            "duration_minutes": 60,
            "unit_price": "189",
            "checklist": checklist,
        },
    )
    return Work(person, customer, site, job_type["id"])
