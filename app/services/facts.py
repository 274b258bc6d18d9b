"""Facts: what happened, in the past tense, written to the journal in the same transaction.

`emit` is the one way to say one. A fact stands in the timeline of each of its subjects; its
sentence is made when it is read, from the data it carries, which never holds a secret.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import wake_after_commit
from app.core.model import TenantModel
from app.core.wake import JOURNAL
from app.services.context import Ctx, called


class Fact(StrEnum):
    export_asked = "export.asked"
    export_made = "export.made"
    export_canceled = "export.canceled"
    export_downloaded = "export.downloaded"
    member_took_table = "member.took_table"
    sample_loaded = "sample.loaded"
    sample_removed = "sample.removed"
    bulk_action_finished = "bulk_action.finished"
    bulk_action_canceled = "bulk_action.canceled"
    bulk_action_undone = "bulk_action.undone"
    saved_view_created = "saved_view.created"
    saved_view_changed = "saved_view.changed"
    saved_view_deleted = "saved_view.deleted"
    saved_view_restored = "saved_view.restored"
    customer_created = "customer.created"
    customer_changed = "customer.changed"
    customer_deleted = "customer.deleted"
    customer_restored = "customer.restored"
    customer_credit_held = "customer.credit_held"
    customer_credit_released = "customer.credit_released"
    customer_service_stopped = "customer.service_stopped"
    customer_service_resumed = "customer.service_resumed"
    contact_created = "contact.created"
    contact_changed = "contact.changed"
    contact_deleted = "contact.deleted"
    contact_restored = "contact.restored"
    contact_linked = "contact.linked"
    contact_unlinked = "contact.unlinked"
    site_created = "site.created"
    site_changed = "site.changed"
    site_deleted = "site.deleted"
    site_restored = "site.restored"
    site_located = "site.located"
    site_party_added = "site.party_added"
    site_party_ended = "site.party_ended"
    equipment_created = "equipment.created"
    equipment_changed = "equipment.changed"
    equipment_moved = "equipment.moved"
    equipment_retired = "equipment.retired"
    equipment_reinstated = "equipment.reinstated"
    equipment_deleted = "equipment.deleted"
    equipment_restored = "equipment.restored"
    tag_created = "tag.created"
    tag_changed = "tag.changed"
    tag_deleted = "tag.deleted"
    tag_restored = "tag.restored"
    tag_merged = "tag.merged"
    tag_attached = "tag.attached"
    tag_detached = "tag.detached"
    skill_created = "skill.created"
    skill_changed = "skill.changed"
    skill_deleted = "skill.deleted"
    job_type_created = "job_type.created"
    job_type_changed = "job_type.changed"
    job_type_deleted = "job_type.deleted"
    job_type_restored = "job_type.restored"
    technician_created = "technician.created"
    technician_changed = "technician.changed"
    technician_deactivated = "technician.deactivated"
    technician_deleted = "technician.deleted"
    technician_restored = "technician.restored"
    work_order_created = "work_order.created"
    work_order_taken_over = "work_order.taken_over"
    work_order_changed = "work_order.changed"
    work_order_deleted = "work_order.deleted"
    work_order_restored = "work_order.restored"
    work_order_ready = "work_order.ready"
    work_order_scheduled = "work_order.scheduled"
    work_order_in_progress = "work_order.in_progress"
    work_order_held = "work_order.held"
    work_order_released = "work_order.released"
    work_order_completed = "work_order.completed"
    work_order_reopened = "work_order.reopened"
    work_order_approved = "work_order.approved"
    work_order_called_back = "work_order.called_back"
    work_order_closed = "work_order.closed"
    work_order_canceled = "work_order.canceled"
    checklist_item_added = "checklist_item.added"
    checklist_item_changed = "checklist_item.changed"
    checklist_item_done = "checklist_item.done"
    checklist_item_undone = "checklist_item.undone"
    checklist_item_removed = "checklist_item.removed"
    visit_created = "visit.created"
    visit_changed = "visit.changed"
    visit_promised = "visit.promised"
    visit_confirmed = "visit.confirmed"
    visit_scheduled = "visit.scheduled"
    visit_moved = "visit.moved"
    visit_resized = "visit.resized"
    visit_assigned = "visit.assigned"
    visit_swapped = "visit.swapped"
    visit_inserted = "visit.inserted"
    visit_displaced = "visit.displaced"
    visit_split = "visit.split"
    visit_locked = "visit.locked"
    visit_unlocked = "visit.unlocked"
    visit_extended = "visit.extended"
    visit_took_reserve = "visit.took_reserve"
    visit_unscheduled = "visit.unscheduled"
    visit_rezoned = "visit.rezoned"
    visit_dispatched = "visit.dispatched"
    visit_recalled = "visit.recalled"
    visit_accepted = "visit.accepted"
    visit_declined = "visit.declined"
    visit_en_route = "visit.en_route"
    visit_diverted = "visit.diverted"
    visit_arrived = "visit.arrived"
    visit_arrival_seen = "visit.arrival_seen"
    visit_departure_seen = "visit.departure_seen"
    visit_started = "visit.started"
    visit_paused = "visit.paused"
    visit_resumed = "visit.resumed"
    visit_completed = "visit.completed"
    visit_incomplete = "visit.incomplete"
    visit_no_access = "visit.no_access"
    visit_no_show = "visit.no_show"
    visit_canceled = "visit.canceled"
    visit_reopened = "visit.reopened"
    visit_customer_told = "visit.customer_told"
    day_note_added = "day_note.added"
    day_note_changed = "day_note.changed"
    day_note_deleted = "day_note.deleted"
    day_note_undone = "day_note.undone"
    day_note_redone = "day_note.redone"
    visit_alert_raised = "visit.alert_raised"
    visit_alert_cleared = "visit.alert_cleared"
    visit_alert_left = "visit.alert_left"
    visit_deleted = "visit.deleted"
    visit_restored = "visit.restored"
    visit_undone = "visit.undone"
    visit_redone = "visit.redone"
    note_added = "note.added"
    note_changed = "note.changed"
    note_deleted = "note.deleted"
    note_restored = "note.restored"
    file_sent = "file.sent"
    file_deleted = "file.deleted"
    file_restored = "file.restored"
    file_purged = "file.purged"
    file_lost = "file.lost"
    attachment_added = "attachment.added"
    attachment_changed = "attachment.changed"
    attachment_deleted = "attachment.deleted"
    attachment_restored = "attachment.restored"
    invoice_drafted = "invoice.drafted"
    invoice_changed = "invoice.changed"
    invoice_deleted = "invoice.deleted"
    invoice_restored = "invoice.restored"
    invoice_issued = "invoice.issued"
    invoice_brought_forward = "invoice.brought_forward"
    invoice_voided = "invoice.voided"
    invoice_paid = "invoice.paid"
    payment_recorded = "payment.recorded"
    import_finished = "import.finished"
    import_canceled = "import.canceled"
    import_undone = "import.undone"
    import_undo_stopped = "import.undo_stopped"
    shift_created = "shift.created"
    shift_changed = "shift.changed"
    shift_deleted = "shift.deleted"
    vehicle_created = "vehicle.created"
    vehicle_changed = "vehicle.changed"
    vehicle_deleted = "vehicle.deleted"
    vehicle_restored = "vehicle.restored"
    crew_created = "crew.created"
    crew_changed = "crew.changed"
    crew_deleted = "crew.deleted"
    crew_restored = "crew.restored"
    hold_created = "hold.created"
    hold_extended = "hold.extended"
    hold_released = "hold.released"
    hold_expired = "hold.expired"
    hold_booked = "hold.booked"
    hold_undone = "hold.undone"
    hold_redone = "hold.redone"
    event_created = "event.created"
    event_changed = "event.changed"
    event_rezoned = "event.rezoned"
    event_deleted = "event.deleted"
    event_restored = "event.restored"
    event_undone = "event.undone"
    event_redone = "event.redone"
    arrival_window_created = "arrival_window.created"
    arrival_window_changed = "arrival_window.changed"
    arrival_window_deleted = "arrival_window.deleted"
    holiday_created = "holiday.created"
    holiday_changed = "holiday.changed"
    holiday_deleted = "holiday.deleted"
    time_off_requested = "time_off.requested"
    time_off_approved = "time_off.approved"
    time_off_declined = "time_off.declined"
    time_off_canceled = "time_off.canceled"
    time_off_rezoned = "time_off.rezoned"
    job_requeued = "job.requeued"
    organisation_changed = "organisation.changed"
    organisation_archived = "organisation.archived"
    branch_created = "branch.created"
    branch_changed = "branch.changed"
    branch_deleted = "branch.deleted"
    territory_created = "territory.created"
    territory_changed = "territory.changed"
    territory_deleted = "territory.deleted"
    employee_created = "employee.created"
    employee_changed = "employee.changed"
    employee_deleted = "employee.deleted"
    team_created = "team.created"
    team_changed = "team.changed"
    team_deleted = "team.deleted"
    organisation_role_made = "organisation.role_made"
    organisation_role_changed = "organisation.role_changed"
    organisation_role_deleted = "organisation.role_deleted"
    support_grant_given = "support_grant.given"
    support_grant_revoked = "support_grant.revoked"
    member_role_changed = "member.role_changed"
    member_placed = "member.placed"
    organisation_member_invited = "organisation.member_invited"
    organisation_invitation_revoked = "organisation.invitation_revoked"
    member_joined = "member.joined"
    member_suspended = "member.suspended"
    member_reinstated = "member.reinstated"
    member_deactivated = "member.deactivated"


SENTENCES: dict[Fact, str] = {
    Fact.customer_credit_held: "{name} was put on credit hold{because}.",
    Fact.customer_credit_released: "{name} was taken off credit hold{because}.",
    Fact.customer_service_stopped: "{name} is not to be served{because}.",
    Fact.customer_service_resumed: "{name} is served again{because}.",
    Fact.contact_linked: "{contact} is a contact of {customer} ({roles}){primary}.",
    Fact.contact_unlinked: "{contact} is no contact of {customer} any more.",
    Fact.equipment_created: "{name} was added at {address}.",
    Fact.equipment_changed: "{name} was changed ({fields}).",
    Fact.equipment_moved: "{name} was moved from {before} to {after}{because}.",
    Fact.equipment_retired: "{name} was retired{because}.",
    Fact.equipment_reinstated: "{name} is serviced again{because}.",
    Fact.equipment_deleted: "{name} was deleted.",
    Fact.equipment_restored: "{name} was restored.",
    Fact.tag_merged: "Tag “{name}” was merged into “{into}”.",
    Fact.tag_attached: "Tag “{name}” was put on {records}.",
    Fact.tag_detached: "Tag “{name}” was taken off {records}.",
    Fact.site_party_added: "{customer} became {role} of {site}.",
    Fact.site_party_ended: "{customer} is no longer {role} of {site}.",
    Fact.work_order_ready: "Work order {name} is ready{because}.",
    Fact.work_order_scheduled: "Work order {name} is scheduled{because}.",
    Fact.work_order_in_progress: "Work order {name} is in progress{because}.",
    Fact.work_order_completed: "Work order {name} is complete{because}.",
    Fact.work_order_approved: "Work order {name} was approved{because}.",
    Fact.work_order_held: "Work order {name} was put on hold: {reason}.",
    Fact.work_order_released: "Work order {name} was taken off hold.",
    Fact.work_order_canceled: "Work order {name} was cancelled: {reason}.",
    Fact.work_order_called_back: "{name} was called back: {reason}. The work goes on in {call_back}.",
    Fact.work_order_reopened: "Work order {name} was reopened: {reason}.",
    Fact.checklist_item_added: "“{title}” was put on the checklist.",
    Fact.checklist_item_changed: "“{title}” was changed on the checklist ({fields}).",
    Fact.checklist_item_done: "“{title}” was ticked off.",
    Fact.checklist_item_undone: "“{title}” was opened again.",
    Fact.checklist_item_removed: "“{title}” was taken off the checklist.",
    Fact.visit_created: "A visit of {minutes} minutes was added{although}.",
    Fact.visit_changed: "The visit was changed ({fields}).",
    Fact.visit_promised: "Arrival was promised for {window} ({told}){because}{although}.",
    Fact.visit_confirmed: "The customer confirmed the visit ({via}){because}.",
    Fact.visit_scheduled: "The visit was booked for {planned} with {technicians}{because}{although}.",
    Fact.visit_moved: "The visit was moved to {planned} with {technicians}{because}{although}.",
    Fact.visit_resized: "The visit now takes {minutes} minutes, {planned}{because}{although}.",
    Fact.visit_assigned: "Now on the visit of {planned}: {technicians}{because}{although}.",
    Fact.visit_swapped: "The visit swapped {what} with that of work order {other}: {planned} with"
    " {technicians}{because}{although}.",
    Fact.visit_inserted: "The visit was put in for {planned} with {technicians}{because}{giving_way}"
    "{although}.",
    Fact.visit_displaced: "The visit gave way to {other}{because}: it is planned for {planned} instead"
    " of {was}{although}.",
    Fact.visit_split: "The visit was split: {minutes} minutes stay, {rest} minutes go on in another"
    " part{because}{although}.",
    Fact.visit_locked: "Locked: {what}{because}.",
    Fact.visit_unlocked: "The lock was taken off{because}.",
    Fact.visit_extended: "The visit is expected to take until {until}{because}.",
    Fact.visit_took_reserve: "{minutes} minutes of what is kept back, {window}, were taken for it"
    "{because}.",
    Fact.visit_unscheduled: "The visit was taken off the board{because}.",
    Fact.visit_rezoned: "By new time zone data, the {what} ({when}, {zone}) is {by} than was reckoned.",
    Fact.visit_dispatched: "The visit was dispatched to {technicians}{because}.",
    Fact.visit_recalled: "The visit was recalled before travel{because}.",
    Fact.visit_accepted: "{technician} accepted the visit.",
    Fact.visit_declined: "{technician} declined the visit: {reason}.",
    Fact.visit_en_route: "{technicians} set off{because}.",
    Fact.visit_diverted: "{technicians} turned to other work{because}.",
    Fact.visit_arrived: "{technicians} arrived on site{because}.",
    Fact.visit_arrival_seen: "{technician} seems to have arrived.",
    Fact.visit_departure_seen: "{technician} seems to have left.",
    Fact.visit_started: "{technicians} started work{because}.",
    Fact.visit_paused: "Work was paused{because}.",
    Fact.visit_resumed: "Work went on{because}.",
    Fact.visit_completed: "{technicians} completed the visit{because}.",
    Fact.visit_incomplete: "The visit ended incomplete: {reason}.",
    Fact.visit_no_access: "There was no access to the site{because}.",
    Fact.visit_no_show: "Nobody was there{because}.",
    Fact.visit_canceled: "The visit was cancelled: {reason}.",
    Fact.visit_reopened: "The visit was reopened: {reason}.",
    Fact.visit_customer_told: "The customer was told that it does not take place ({told}){because}.",
    Fact.day_note_added: "A note was written for {day}: “{excerpt}”",
    Fact.day_note_changed: "A note for {day} was changed: “{excerpt}”",
    Fact.day_note_deleted: "A note for {day} was deleted: “{excerpt}”",
    Fact.visit_alert_raised: "Needs attention: {detail}",
    Fact.visit_alert_cleared: "No longer {alert}.",
    Fact.visit_alert_left: "Still {alert} after {days} days, and left to the list of what was not closed"
    " out.",
    Fact.visit_deleted: "The visit was deleted.",
    Fact.visit_restored: "The visit was restored.",
    Fact.note_added: "A note was written: “{excerpt}”",
    Fact.note_changed: "A note was changed: “{excerpt}”",
    Fact.note_deleted: "A note was deleted: “{excerpt}”",
    Fact.note_restored: "A note was restored: “{excerpt}”",
    Fact.file_sent: "{name} was sent ({size}).",
    Fact.file_purged: "The content of {name} was removed for good.",
    Fact.file_lost: "The content of {name} is missing from the store; the file was removed.",
    Fact.attachment_added: "{name} was attached.",
    Fact.attachment_changed: "The attachment {name} was changed ({fields}).",
    Fact.attachment_deleted: "The attachment {name} was taken off.",
    Fact.attachment_restored: "The attachment {name} was put back.",
    Fact.invoice_drafted: "An invoice over {total} was drafted.",
    Fact.invoice_changed: "The invoice draft was changed ({fields}); it comes to {total}.",
    Fact.invoice_deleted: "The invoice draft over {total} was deleted.",
    Fact.invoice_restored: "The invoice draft over {total} was restored.",
    Fact.invoice_issued: "Invoice {number} over {total} was issued, due {due}.",
    Fact.invoice_voided: "Invoice {number} was voided: {reason}.",
    Fact.invoice_paid: "Invoice {number} is paid in full.",
    Fact.payment_recorded: "A payment of {amount} by {method} was recorded on {number}; {balance} is left.",
    Fact.import_canceled: "The import of {filename} was stopped after {read} rows: {created} new,"
    " {updated} changed, {refused} refused.",
    Fact.import_undo_stopped: "Undoing the import of {filename} was stopped: {undone} changes taken back,"
    " {left} still as they were imported.",
    Fact.import_undone: "The import of {filename} was undone: {undone} changes taken back, {kept}"
    " kept.",
    Fact.import_finished: "{filename} was imported: {created} new, {updated} changed, {refused} refused.",
    Fact.shift_created: "The shifts “{name}” of {technician} were added, from {first}.",
    Fact.shift_changed: "The shifts “{name}” of {technician} were changed ({fields}).",
    Fact.shift_deleted: "The shifts “{name}” of {technician} were deleted.",
    Fact.hold_created: "{when} is held for {name} with {technicians} until {until}{because}{reserve}.",
    Fact.hold_extended: "{when}, for {name}, is held longer, until {until}.",
    Fact.hold_released: "{when}, for {name}, is held no more.",
    Fact.hold_expired: "{when} was held for {name} and nobody booked it.",
    Fact.hold_booked: "{when}, held for {name}, was booked.",
    Fact.event_created: "“{name}” was set for {when}.",
    Fact.event_changed: "“{name}”, {when}, was changed ({fields}).",
    Fact.event_rezoned: "By new time zone data, {what} ({when}, {zone}) is {by} than was reckoned.",
    Fact.event_deleted: "“{name}”, {when}, was called off.",
    Fact.event_restored: "“{name}”, {when}, takes place after all.",
    Fact.arrival_window_created: "The arrival windows “{name}” were added.",
    Fact.arrival_window_changed: "The arrival windows “{name}” were changed ({fields}).",
    Fact.arrival_window_deleted: "The arrival windows “{name}” are offered no more.",
    Fact.holiday_created: "{day} became a holiday: {name}.",
    Fact.holiday_changed: "The holiday {name} ({day}) was changed ({fields}).",
    Fact.holiday_deleted: "{day} is no holiday any more ({name}).",
    Fact.time_off_requested: "{technician} asked for time off, {when}.",
    Fact.time_off_approved: "The time off of {technician}, {when}, was approved{because}.",
    Fact.time_off_declined: "The time off of {technician}, {when}, was declined: {reason}.",
    Fact.time_off_canceled: "The time off of {technician}, {when}, was cancelled{because}.",
    Fact.time_off_rezoned: "By new time zone data, the {what} ({when}, {zone}) is {by} than was reckoned.",
    Fact.export_asked: "An export of {list} as {format} was asked for.",
    Fact.export_made: "An export of {list} as {format} was made: {rows} rows.",
    Fact.export_canceled: "An export of {list} was stopped.",
    Fact.export_downloaded: "An export of {list} was downloaded.",
    Fact.site_located: "The map service placed {name} ({precision}).",
    Fact.sample_loaded: "{made} sample records were loaded.",
    Fact.sample_removed: "The sample records were removed: {removed} went, {kept} were kept.",
    Fact.bulk_action_finished: "“{action}” was done to many {list}: {changed} changed, {refused}"
    " refused.",
    Fact.bulk_action_canceled: "“{action}” for many {list} was stopped: {changed} changed, {refused}"
    " refused.",
    Fact.bulk_action_undone: "“{action}” for many {list} was undone: {restored} restored, {kept}"
    " kept.",
    Fact.job_requeued: "The job {kind} was put back into the queue.",
    Fact.organisation_archived: "The whole organisation was written into an archive ({size}).",
    Fact.organisation_role_made: "The role {role} was made: {rights}.",
    Fact.organisation_role_changed: "The role {role} was changed: {said}.",
    Fact.organisation_role_deleted: "The role {role} was deleted.",
    Fact.support_grant_given: "{name} of the support may read here for {hours} h: {reason}.",
    Fact.support_grant_revoked: "{name} of the support may not read here any more.",
    Fact.member_role_changed: "{name} is now {role}.",
    Fact.employee_created: "A record about {name} as an employee was made.",
    Fact.employee_changed: "The record about {name} as an employee was changed ({fields}).",
    Fact.employee_deleted: "The record about {name} as an employee was deleted.",
    Fact.member_placed: "{name} now belongs to {team} and looks after {territories}.",
    Fact.organisation_member_invited: "{email} was invited as {role}.",
    Fact.organisation_invitation_revoked: "The invitation of {email} as {role} was taken back.",
    Fact.member_joined: "{name} joined as {role}.",
    Fact.member_took_table: "{name} took the list {list} as {format}: {rows} rows.",
    Fact.member_suspended: "{name} was suspended.",
    Fact.member_reinstated: "{name} was reinstated.",
    Fact.member_deactivated: "{name} was deactivated{because}; {handed_over} went back into the tray.",
    Fact.work_order_taken_over: "Work order {name} for {customer} at {address} was taken over from"
    " before as {status} (there: {external}).",
    Fact.invoice_brought_forward: "{total} still owed on invoice {external} was brought forward as"
    " invoice {number}, due {due}.",
    Fact.technician_deactivated: "{name} was deactivated{because}; {handed_over} went back into the"
    " tray.",
}
"""What a fact says, where “Customer Ann Lee was added.” would not do (see `sentence`)."""

PLAIN = {
    "undone": "This was undone: {what}",
    "redone": "This was redone: {what}",
    "created": "{Thing} {name} was added.",
    "changed": "{Thing} {name} was changed ({fields}).",
    "deleted": "{Thing} {name} was deleted.",
    "restored": "{Thing} {name} was restored.",
    "ready": "{Thing} {name} is ready.",
    "scheduled": "{Thing} {name} is scheduled.",
    "in_progress": "{Thing} {name} is in progress.",
    "completed": "{Thing} {name} is complete.",
    "approved": "{Thing} {name} was approved.",
    "closed": "{Thing} {name} was closed.",
}


class _Said(dict[str, Any]):
    """Data for a sentence; what an old entry does not carry reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def in_words(columns: str) -> str:
    """Names of columns as people say them: `expires_on, team_id` is `expires on, team`."""
    return re.sub(r"_id\b", "", columns).replace("_", " ")


def sentence(fact: str, data: dict[str, Any]) -> str:
    """A fact as a person would say it. An unknown fact (from a newer version) says its name."""
    try:
        known = Fact(fact)
    except ValueError:
        return fact
    thing, _, happened = fact.partition(".")
    if "fields" in data:
        data = {**data, "fields": in_words(str(data["fields"]))}
    template = SENTENCES.get(known) or PLAIN[happened]
    said = template.format_map(_Said(data, Thing=thing.replace("_", " ").capitalize()))
    return " ".join(said.split())


_WRITE = (
    "with entry as ("
    " insert into journal (org_id, entity, entity_id, action, is_fact, version, changes, occurred_at"
    "{columns}) values (:org, :entity, :entity_id, :fact, true, :version, cast(:data as jsonb),"
    " :occurred_at{values}) returning org_id, id)"
    " insert into stories (org_id, subject_id, entry_id)"
    " select org_id, subject, id from entry, unnest(cast(:subjects as uuid[])) as subject"
)
_NOW = text(_WRITE.format(columns="", values=""))
_THEN = text(
    _WRITE.format(columns=", at, actor_id, request_id", values=", :at, :actor_id, :request_id")
)

_TOGETHER = text(
    "with said as (select * from rows from (jsonb_to_recordset(cast(:rows as jsonb))"
    "  as (entity text, id uuid, fact text, version bigint, data jsonb, occurred_at timestamptz,"
    "      subjects uuid[])) with ordinality"
    "  as one(entity, id, fact, version, data, occurred_at, subjects, place)),"
    " entry as ("
    "  insert into journal"
    "   (org_id, entity, entity_id, action, is_fact, version, changes, occurred_at)"
    "  select :org, entity, id, fact, true, version, data, occurred_at from said order by place"
    "  returning org_id, id, entity_id)"
    " insert into stories (org_id, subject_id, entry_id)"
    " select entry.org_id, subject, entry.id"
    "   from entry join said on said.id = entry.entity_id, unnest(said.subjects) as subject"
)
"""At most one about each record, or their stories are mixed up."""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact about a record, as `emit` is given one."""

    fact: Fact
    record: TenantModel
    about: tuple[UUID | None, ...] = ()
    occurred_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)


async def emit(
    ctx: Ctx,
    fact: Fact,
    record: TenantModel,
    *,
    about: tuple[UUID | None, ...] = (),
    occurred_at: datetime | None = None,
    **data: Any,
) -> None:
    """Write a fact about `record`, in its timeline and in those of `about`.

    `data` fills the sentence and travels with the fact: texts, numbers, ids. `occurred_at` is when
    it happened in the field. Flushes first, so that the row's own entries come before the fact.
    """
    await emit_all(ctx, [Told(fact, record, about, occurred_at, data)])


async def emit_all(ctx: Ctx, told: Sequence[Told]) -> None:
    """Write several facts in this order, at once; as `emit` does each."""
    if ctx.later is not None:
        ctx.later += told
        return
    await ctx.session.flush()
    if len(told) > 1 and len({one.record.id for one in told}) == len(told):
        wake_after_commit(ctx.session.sync_session, JOURNAL)
        await _write_together(ctx.session, ctx.org_id, [_row(one) for one in told])
        return
    rows = [
        {
            "org": ctx.org_id,
            "entity": entity_of(type(one.record)),
            "entity_id": one.record.id,
            "fact": one.fact.value,
            "version": one.record.version,
            "data": orjson.dumps(one.data).decode(),
            "occurred_at": one.occurred_at,
            "subjects": list(
                dict.fromkeys([one.record.id, *(id for id in one.about if id is not None)])
            ),
        }
        for one in told
    ]
    if rows:
        # the statement names the organisation itself, so the session has nothing to add
        wake_after_commit(ctx.session.sync_session, JOURNAL)
        connection = await ctx.session.connection()
        await connection.execute(_NOW, rows if len(rows) > 1 else rows[0])


def _row(one: Told) -> dict[str, Any]:
    about = [id for id in one.about if id is not None]
    return {
        "entity": entity_of(type(one.record)),
        "id": one.record.id,
        "fact": one.fact,
        "version": one.record.version,
        "data": one.data,
        "occurred_at": one.occurred_at,
        "subjects": list(dict.fromkeys([one.record.id, *about])),
    }


async def _write_together(
    session: AsyncSession, org_id: UUID, rows: Sequence[dict[str, Any]]
) -> None:
    # the statement names the organisation itself, so the session has nothing to add
    connection = await session.connection()
    await connection.execute(
        _TOGETHER, {"org": org_id, "rows": orjson.dumps(rows, default=str).decode()}
    )


@dataclass(frozen=True, slots=True)
class PastFact:
    """A fact of the past, with all that `emit` would have taken from its surroundings."""

    at: datetime
    actor_id: UUID | None
    request_id: str
    fact: Fact
    model: type[TenantModel]
    record_id: UUID
    version: int
    about: tuple[UUID, ...]
    data: dict[str, Any]


async def emit_many(session: AsyncSession, org_id: UUID, facts: Sequence[PastFact]) -> None:
    """Write facts that happened before now, in the order given, each once, in 1,000s."""
    for start in range(0, len(facts), 1000):
        rows = [
            {
                "org": org_id,
                "entity": entity_of(one.model),
                "entity_id": one.record_id,
                "fact": one.fact.value,
                "version": one.version,
                "data": orjson.dumps(one.data).decode(),
                "occurred_at": None,
                "subjects": list(dict.fromkeys((one.record_id, *one.about))),
                "at": one.at,
                "actor_id": one.actor_id,
                "request_id": one.request_id,
            }
            for one in facts[start : start + 1000]
        ]
        await session.execute(_THEN, rows)


async def emit_together(
    session: AsyncSession,
    org_id: UUID,
    facts: Sequence[tuple[Fact, type[TenantModel], UUID, tuple[UUID, ...], dict[str, Any]]],
) -> None:
    """Write facts of this moment in one statement: at most one about each record, of version 1.

    Each is the fact, the model and the record, the subjects (the record too) and the data.
    """
    await _write_together(
        session,
        org_id,
        [
            {
                "entity": entity_of(model),
                "id": id,
                "fact": fact,
                "version": 1,
                "data": data,
                "subjects": subjects,
            }
            for fact, model, id, subjects, data in facts
        ],
    )


def entity_of(model: type[TenantModel]) -> str:
    """The journal's word for a model's rows: `work_orders` → `work_order`."""
    return called(model).replace(" ", "_")
