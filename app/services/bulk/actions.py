"""What can be done to many records at once, each by the verb that does it to one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.orm.interfaces import ORMOption

from app.core.errors import FieldError, Invalid, invalid_field
from app.core.model import TenantModel
from app.models.customers import Customer, CustomerKind, CustomerStage
from app.models.permissions import Permission
from app.models.visits import Visit
from app.models.work_orders import Priority, WorkOrder
from app.services import customers, work_orders
from app.services.context import Ctx
from app.services.customers import CustomerPatch
from app.services.inputs import Draft, Happened, Patch, Reason, ShortText
from app.services.visits import endings, planning, releases
from app.services.visits.endings import Cancellation
from app.services.visits.happenings import Happening, ReasonedHappening
from app.services.visits.taking import WHOLE
from app.services.work_orders import Decision, ReasonedDecision, WorkOrderPatch

MOST = 10_000
"""Records of one bulk action."""
MOST_VISITS = 200
"""What is undone in one transaction."""


@dataclass(frozen=True)
class Action:
    """One verb for the records of one list."""

    model: type[TenantModel]
    permission: Permission
    params: type[BaseModel]
    run: Callable[[Ctx, Any, Any], Awaitable[object]]
    """The verb, on a locked record."""
    restore: Callable[[Ctx, Any, Mapping[str, Any]], Awaitable[object]] | None = None
    """Gives fields back what they held; None: what it does is not taken back."""
    first: Callable[[Ctx, UUID], Awaitable[object]] | None = None
    """What has to be locked before the record."""
    options: Sequence[ORMOption] = ()
    """What the verb needs of the record."""
    command: str | None = None
    """Of the board: the operation whose command it is, undone and redone as one (`dispatching.commands`)."""
    most: int = MOST
    """Records at once."""


class CustomersChange(Patch):
    """What many customers may be given at once."""

    kind: CustomerKind = CustomerKind.person
    stage: CustomerStage = CustomerStage.active
    payment_terms_days: int | None = Field(None, ge=0, le=365)
    tax_exempt: bool = False
    source: ShortText | None = None


class WorkOrdersChange(Patch):
    """What many work orders may be given at once."""

    priority: Priority = Priority.normal
    customer_reference: ShortText | None = None
    source: ShortText | None = None


class BulkParams(Draft):
    """What the actions take; each takes some of it."""

    kind: CustomerKind | None = None
    stage: CustomerStage | None = None
    payment_terms_days: int | None = Field(None, ge=0, le=365)
    tax_exempt: bool | None = None
    priority: Priority | None = None
    customer_reference: ShortText | None = None
    source: ShortText | None = None
    reason: Reason | None = None
    occurred_at: Happened | None = None

    def given(self) -> dict[str, Any]:
        """What was sent, as JSON."""
        return self.model_dump(mode="json", exclude_unset=True)


async def _change_customer(ctx: Ctx, row: Customer, params: CustomersChange) -> None:
    await customers.change(ctx, row, CustomerPatch(**params.given()))


async def _restore_customer(ctx: Ctx, row: Customer, before: Mapping[str, Any]) -> None:
    await customers.change(ctx, row, CustomerPatch(**before))


async def _change_work_order(ctx: Ctx, row: WorkOrder, params: WorkOrdersChange) -> None:
    await work_orders.change(ctx, row, WorkOrderPatch(**params.given()))


async def _restore_work_order(ctx: Ctx, row: WorkOrder, before: Mapping[str, Any]) -> None:
    await work_orders.change(ctx, row, WorkOrderPatch(**before))


async def _cancel_visit(ctx: Ctx, row: Visit, said: ReasonedHappening) -> None:
    """Nobody is written to: whom to tell stands in the list of customers to tell."""
    await endings.cancel(ctx, row, Cancellation(**said.model_dump()))


ACTIONS: Mapping[tuple[str, str], Action] = {
    ("customers", "change"): Action(
        Customer, Permission.customers_write, CustomersChange, _change_customer, _restore_customer
    ),
    ("work-orders", "change"): Action(
        WorkOrder,
        Permission.work_orders_write,
        WorkOrdersChange,
        _change_work_order,
        _restore_work_order,
    ),
    ("work-orders", "hold"): Action(
        WorkOrder, Permission.work_orders_write, ReasonedDecision, work_orders.hold
    ),
    ("work-orders", "release"): Action(
        WorkOrder, Permission.work_orders_write, Decision, work_orders.release
    ),
    ("work-orders", "approve"): Action(
        WorkOrder, Permission.work_orders_approve, Decision, work_orders.approve
    ),
    ("work-orders", "cancel"): Action(
        WorkOrder,
        Permission.work_orders_write,
        ReasonedDecision,
        work_orders.cancel,
        first=work_orders.lock_open,
    ),
    **{
        ("visits", name): Action(
            Visit,
            Permission.dispatch_write,
            params,
            run,
            options=WHOLE,
            command=operation,
            most=MOST_VISITS,
        )
        for name, params, run, operation in (
            ("unschedule", Happening, planning.unschedule, "unschedule_visit"),
            ("dispatch", Happening, releases.dispatch, "dispatch_visit"),
            ("recall", Happening, releases.recall, "recall_visit"),
            ("cancel", ReasonedHappening, _cancel_visit, "cancel_visit"),
        )
    },
}


def action_called(list_name: str, action: str) -> Action:
    """The action of this name. Raises `Invalid`, naming those that there are."""
    found = ACTIONS.get((list_name, action))
    if found is not None:
        return found
    possible = [name for of, name in ACTIONS if of == list_name]
    if possible:
        detail = f"“{action[:60]}” cannot be done to many {list_name}; use: {', '.join(possible)}."
        raise invalid_field("action", detail, code="unknown_action")
    lists = ", ".join(sorted({of for of, _ in ACTIONS}))
    detail = (
        f"Nothing can be done to many {list_name[:60]} at once; there are actions for: {lists}."
    )
    raise invalid_field("list", detail, code="no_actions")


def params_of(action: Action, given: Mapping[str, Any]) -> BaseModel:
    """The parameters as the verb takes them. Raises `Invalid` with a pointer to each that is wrong."""

    try:
        return action.params.model_validate(given)
    except ValidationError as error:
        wrong = [
            FieldError(
                "/".join(("/params", *map(str, one["loc"]))),
                str(one["type"]),
                f"{one['msg'].removeprefix('Value error, ').rstrip('.')}.",
            )
            for one in error.errors()[:20]
        ]
        raise Invalid(
            f"Please correct: {wrong[0].pointer}. {wrong[0].detail}", errors=wrong
        ) from error
