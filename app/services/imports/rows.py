"""What one row of a customers' list means: a customer, perhaps a site, or what is wrong with it.

The inputs of the verbs (`CustomerDraft`, `SiteDraft`) decide what is possible, so that an import
refuses what a person would be refused, in the same words. Nothing here reads the database.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.core.errors import Invalid
from app.core.geo import Place
from app.core.tables import Row, RowError, restored
from app.models.customers import CustomerKind
from app.services.customers import CustomerDraft
from app.services.imports.mapping import NAME_PARTS, Mapping
from app.services.placing import look_up
from app.services.sites import SiteDraft

CUSTOMER_FIELDS = {"email": "email", "phone": "phone", "external_id": "external_key"}
"""Fields of a list and what a customer calls them; name, company and notes make theirs together."""
SITE_FIELDS = {
    "site_name": "name",
    "street": "street",
    "unit": "unit",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
    "access_notes": "access_notes",
}
WHERE = ("street", "city", "postal_code")
"""A row that says one of these speaks of a place."""
COUNTRIES = {"usa", "u.s.a.", "u.s.", "united states", "united states of america"}
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Issue:
    """What a person should know about a row; `error` means that it was not taken."""

    row: int
    line: int
    column: str | None
    code: str
    reason: str
    severity: str = "error"
    customer_id: UUID | None = None


@dataclass(frozen=True)
class Taken:
    """A row that makes sense: the fields that it gives, checked and normalised."""

    row: int
    line: int
    key: str | None
    """What finds its customer again, in the form in which customers keep it."""
    customer: dict[str, Any]
    site: dict[str, Any] | None
    billing: dict[str, Any]
    """The bill goes where the work is, until somebody says otherwise."""


class Rows:
    """Reads the rows of one file; remembers in which row each key stood first."""

    def __init__(self, mapping: Mapping, key: str) -> None:
        self._mapping = mapping
        self._key = key
        self._first: dict[str, int] = {}

    async def read(self, row: Row | RowError) -> Taken | list[Issue]:
        """The row as a customer, or everything that is wrong with it."""
        if isinstance(row, RowError):
            return [Issue(row.number, row.line, row.column, row.code, row.reason)]
        cells = {heading: restored(cell) for heading, cell in row.cells.items()}
        values = {name: value for name, value in self._mapping.apply(cells).items() if value}
        issues: list[Issue] = []
        customer = self._customer(values, row, issues)
        site, place = await self._site(values, row, issues)
        if issues:
            return issues
        key = customer.get(CUSTOMER_FIELDS.get(self._key, ""))
        if key is not None and (first := self._first.setdefault(key, row.number)) != row.number:
            reason = f"“{key}” stands in row {first} already. Keep one of the two rows."
            return [Issue(row.number, row.line, self._heading(self._key), "key_twice", reason)]
        return Taken(row.number, row.line, key, customer, site, _billing(site, place))

    def _customer(self, values: dict[str, str], row: Row, issues: list[Issue]) -> dict[str, Any]:
        given: dict[str, Any] = {
            ours: values[theirs] for theirs, ours in CUSTOMER_FIELDS.items() if theirs in values
        }
        name, company = values.get("name"), values.get("company")
        notes = [values["notes"]] if "notes" in values else []
        if company:
            given["kind"] = CustomerKind.business
            if name and name != company:
                notes.insert(0, f"Contact: {name}")
        if notes:
            given["notes"] = "\n".join(notes)
        if not (company or name):
            reason = "The name is missing. Every customer needs one."
            column = self._heading("name") or self._heading("company")
            issues.append(Issue(row.number, row.line, column, "missing", reason))
            given["name"] = "—"  # so that the other cells are looked at too
        else:
            given["name"] = company or name
        try:
            draft = CustomerDraft(**given)
        except ValidationError as error:
            self._explain(error, CUSTOMER_FIELDS, row, issues)
            return {}
        return draft.model_dump(include=set(given))

    async def _site(
        self, values: dict[str, str], row: Row, issues: list[Issue]
    ) -> tuple[dict[str, Any] | None, Place | None]:
        if not any(name in values for name in WHERE):
            return None, None
        given = {ours: values[theirs] for theirs, ours in SITE_FIELDS.items() if theirs in values}
        if given.get("country", "").casefold() in COUNTRIES:
            given["country"] = "US"
        try:
            draft = SiteDraft.model_validate({"customer_id": NOBODY, **given})
            place = await look_up(draft.postal_code, draft.country)
        except ValidationError as error:
            self._explain(error, SITE_FIELDS, row, issues)
            return None, None
        except Invalid as error:
            column, code = self._heading("postal_code"), error.errors[0].code
            issues.append(Issue(row.number, row.line, column, code, error.detail))
            return None, None
        if place is None:
            reason = f"Places in {draft.country} are not known here: add this customer by hand."
            column = self._heading("country")
            issues.append(Issue(row.number, row.line, column, "unknown_country", reason))
            return None, None
        return draft.model_dump(include=set(given)) | {"postal_code": place.postal_code}, place

    def _explain(
        self, error: ValidationError, fields: dict[str, str], row: Row, issues: list[Issue]
    ) -> None:
        theirs = {ours: theirs for theirs, ours in fields.items()}
        for one in error.errors():
            said = str(one["loc"][0]) if one["loc"] else ""
            field = theirs.get(said, said)
            code, message = str(one["type"]), str(one["msg"]).removeprefix("Value error, ")
            if code == "missing":
                message = f"The {field.replace('_', ' ')} is missing. A site needs one"
            reason = message if message.endswith(".") else f"{message}."
            column = self._heading(field) or (self._heading("company") if said == "name" else None)
            issues.append(Issue(row.number, row.line, column, code, reason))

    def _heading(self, field: str) -> str | None:
        """The file's own word for a field."""
        wanted = {field, *NAME_PARTS} if field == "name" else {field}
        headings = (head for head, target in self._mapping.targets.items() if target in wanted)
        return next(headings, None)


def _billing(site: dict[str, Any] | None, place: Place | None) -> dict[str, Any]:
    if site is None:
        return {}
    told = {"city": place.city, "region": place.region} if place is not None else {}
    street = ", ".join(site[name] for name in ("street", "unit") if name in site)
    address = told | site | {"street": street[:200]}
    fields = ("street", "city", "region", "postal_code")
    return {f"billing_{name}": address[name] for name in fields if name in address}
