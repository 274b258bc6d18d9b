"""What a scan for duplicates costs grows with the customers, not with their houses or switchboards."""

from typing import Any
from uuid import UUID

import pytest

from app.models.customers import Customer
from app.models.sites import Site
from app.services import duplicate_pairs
from app.services.duplicate_pairs import WITH_EACH, _Facts, _Known
from app.services.imports.duplicates import same_street


def landlord(number: int, houses: int, phone: str | None = None) -> _Known:
    sites = [
        Site(street=f"{house} Main Street", city="Topeka", postal_code="66604")
        for house in range(1, houses + 1)
    ]
    return _Known(Customer(id=UUID(int=number), name=f"Landlord {number}", phone=phone), sites, [])


@pytest.mark.parametrize("houses", [50, 400])
def test_each_house_is_compared_with_the_same_house(
    houses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[Any] = []

    def counted(a: str, b: str) -> float:
        compared.append((a, b))
        return same_street(a, b)

    monkeypatch.setattr(duplicate_pairs, "same_street", counted)
    match = landlord(1, houses).match(landlord(2, houses))
    assert "similar address" in match.reasons
    assert len(compared) == 2 * houses  # once for the postal code, once for the town


def test_nobody_is_compared_with_half_a_town() -> None:
    known = {UUID(int=one): landlord(one, 0, "+17855550100") for one in range(1, 3_000)}
    facts = _Facts(known)
    assert len(facts.after(UUID(int=1), [])) == WITH_EACH
    named = [UUID(int=2_999)]
    known[UUID(int=2_999)].emails = frozenset()
    assert UUID(int=2_999) in facts.after(UUID(int=2_998), named)
