"""`docs/filters.md` and `docs/search.md`: what they show is what happens."""

import json
import re
from pathlib import Path

import pytest

from tests.support.people import Company

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILTERS = (DOCS / "filters.md").read_text()
SEARCH = (DOCS / "search.md").read_text()
EXAMPLES = re.findall(r"^```filter (\S+)\n(.*?)^```$", FILTERS, flags=re.MULTILINE | re.DOTALL)
REFUSED = re.findall(
    r"^```refused (\S+) (\S+)\n(.*?)^```$", FILTERS, flags=re.MULTILINE | re.DOTALL
)
TYPED = re.findall(r"^\| `([^`]+)` \| (?:\w+ )?(.+) \|$", SEARCH, flags=re.MULTILINE)


def test_the_pages_have_examples() -> None:
    assert (len(EXAMPLES), len(REFUSED), len(TYPED)) == (5, 1, 10)


@pytest.mark.parametrize(("where", "tree"), EXAMPLES)
async def test_each_filter_is_taken(where: str, tree: str, acme: Company) -> None:
    dana = await acme.person("dispatcher")
    await dana.got(f"/api/v2/{where}", filter=json.dumps(json.loads(tree)))


@pytest.mark.parametrize(("where", "pointer", "tree"), REFUSED)
async def test_each_wrong_one_is_refused(
    where: str, pointer: str, tree: str, acme: Company
) -> None:
    dana = await acme.person("dispatcher")
    reply = await dana.get(f"/api/v2/{where}", params={"filter": tree})
    assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_each_search_finds_what_it_says(acme: Company) -> None:
    dana = await acme.person("dispatcher")
    zoe = await dana.made(
        "/api/v2/customers",
        {"name": "Zoë Müller-Lee", "phone": "(785) 555-0142", "email": "zoe@example.com"},
    )
    await dana.made(
        "/api/v2/sites",
        {"street": "4120 Prairie Rd", "postal_code": "66044", "customer_id": zoe["id"]},
    )
    for typed, expected in TYPED:
        hits = (await dana.got("/api/v2/search", q=typed))["data"]
        assert (hits[0]["title"] if hits else "nothing") == expected, typed
