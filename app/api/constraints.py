"""What the database refused, in words. Constraints are the last and surest check, and a person who
meets one deserves the same sentence as from the verb.
"""

from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import Conflict, FieldError, Invalid, Refusal, Unavailable

SENTENCES: dict[str, tuple[str, str]] = {
    "uq_customers_external_key": ("external_key", "Another customer has this external key."),
    "uq_contacts_external_key": ("external_key", "Another contact has this external key."),
    "uq_sites_external_key": ("external_key", "Another site has this external key."),
    "uq_equipment_external_key": (
        "external_key",
        "Another piece of equipment has this external key.",
    ),
    "uq_technicians_external_key": ("external_key", "Another technician has this external key."),
    "uq_work_orders_external_key": ("external_key", "Another work order has this external key."),
    "uq_invoices_external_key": ("external_key", "Another invoice has this external key."),
    "uq_saved_views_name": ("name", "You have a view of this list with this name already."),
    "uq_job_types_name": ("name", "Another job type has this name."),
    "uq_skills_org_id_name": ("name", "Another skill has this name."),
    "uq_technicians_org_id_member_id": (
        "member_id",
        "Another technician, perhaps a deleted one, is linked to this member.",
    ),
    "uq_employees_org_id_member_id": ("member_id", "There is a record about this member already."),
    "uq_branches_org_id_name": ("name", "Another branch has this name."),
    "uq_territories_org_id_name": ("name", "Another territory has this name."),
    "uq_teams_org_id_name": ("name", "Another team has this name."),
    "uq_site_parties_current": ("parties", "This customer already has this role at the site."),
    "uq_work_order_equipment_once": ("equipment_ids", "It is on this work order already."),
    "uq_tags_name": ("name", "Another tag for these records has this name. Merge the two."),
    "uq_taggings_once": ("entity_ids", "This tag is on the record already."),
    "uq_customer_contacts_once": ("customer_id", "They are a contact of this customer already."),
    "uq_customer_contacts_primary": ("is_primary", "This customer has another primary contact."),
    "uq_attachments_current": ("file_id", "This file is attached to this record already."),
    "uq_holidays_org_id_day_name": ("name", "This day is a holiday of this name already."),
    "uq_invitations_open": ("email", "This address is invited already."),
    "uq_archives_being_made": ("", "An archive is being made already. Wait until it is ready."),
    "uq_users_email": ("email", "Another account has this address."),
    "pk_memberships": ("", "They belong to this organisation already."),
    "uq_assignments_current": ("technician_ids", "This technician is on the visit already."),
}
"""Unique constraints that a person can meet: the field and the sentence."""


def _asyncpg(error: DBAPIError) -> Any:
    # SQLAlchemy's adapter wraps asyncpg's exception, which holds the fields we want
    return getattr(error.orig, "__cause__", None) or error.orig


def sqlstate(error: DBAPIError) -> str | None:
    """The five characters of the SQLSTATE, or None."""
    return getattr(_asyncpg(error), "sqlstate", None)


def violated_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that refused."""
    return getattr(_asyncpg(error), "constraint_name", None)


def refusal_of(error: DBAPIError) -> Refusal | None:
    """A refusal for what the database said, or None for a bug of ours."""
    if error.connection_invalidated:
        return out_of_reach()
    name = violated_constraint(error) or ""
    match sqlstate(error):
        case "23505":
            field, detail = SENTENCES.get(name, ("", "This exists already."))
            errors = [FieldError(f"/{field}", "taken", detail)] if field else []
            return Conflict(detail, code="already_exists", errors=errors)
        case "23503":
            column = name.rpartition("org_id_")[2]
            detail = f"What {column or 'this'} points at does not exist or is still in use."
            return Conflict(
                detail, code="reference", errors=[FieldError(f"/{column}", "reference", detail)]
            )
        case "23514":
            field = name.removeprefix("ck_")
            detail = f"The value is outside what is possible ({field.replace('_', ' ')})."
            return Invalid(detail, errors=[FieldError("", name, detail)])
        case "23P01":
            return Conflict("This time is taken.", code="double_booking")
        case "40001" | "40P01":
            return Conflict("Others are changing the same at this moment. Try again.", code="busy")
        case "55P03" | "57014":
            return Unavailable(
                "The database is busy. Try again in a moment.", headers={"Retry-After": "1"}
            )
        case "53300" | "57P01" | "57P02" | "57P03":
            return out_of_reach()
        case "22003" | "22008":
            return Invalid("A number or date is outside what can be stored.", code="out_of_range")
        case "22000" if "out of" in str(error.orig):  # asyncpg's own check, before sending
            return Invalid("A number or date is outside what can be stored.", code="out_of_range")
    return None


def out_of_reach() -> Unavailable:
    """The database is starting, stopping, or away."""
    return Unavailable(
        "The database does not answer. Try again in a moment.", headers={"Retry-After": "2"}
    )


__all__ = ["PoolTimeout", "out_of_reach", "refusal_of", "sqlstate", "violated_constraint"]
