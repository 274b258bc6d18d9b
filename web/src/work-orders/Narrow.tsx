/** The choices that narrow the list of work orders: how they stand in sight, the rest behind one button. */

import { SlidersHorizontal } from "lucide-react";
import { Popover } from "radix-ui";
import { api, ask } from "@/api/client";
import { useCustomer, useJobTypes } from "@/call/calling";
import { useTags } from "@/tags/tags";
import { Button } from "@/ui/Button";
import { Combobox, type Option } from "@/ui/Combobox";
import { Field } from "@/ui/Field";
import type { FilterOf } from "@/ui/filters";
import { Select } from "@/ui/Select";
import type { List } from "@/ui/useList";
import { OVER, PRIORITIES, STATUSES, type WorkOrder } from "./work";

export const FILTERS: Record<string, FilterOf> = {
  status: {
    means: (value) =>
      value === "open"
        ? { field: "status", op: "not_in", value: OVER }
        : value === "over"
          ? { field: "status", op: "in", value: OVER }
          : { field: "status", op: "in", value: value.split(",") },
  },
  priority: {},
  customer: { field: "customer_id" },
  site: { field: "site_id" },
  job: { field: "job_type_id" },
  tag: { means: (value) => ({ field: "tags", op: "has", value }) },
  from: { means: (value) => ({ field: "created_at", op: "gte", value }) },
  before: { means: (value) => ({ field: "created_at", op: "lt", value }) },
};

const BEHIND = ["priority", "customer", "site", "job", "tag", "from", "before"];

export function Narrow({ list }: { list: List<WorkOrder> }) {
  const { address, change } = list;
  const at = (name: string) => address.get(name) ?? "";
  const many = BEHIND.filter((name) => address.has(name)).length;
  return (
    <>
      <Select
        label="Status"
        quiet
        className="w-36"
        value={at("status")}
        none="Any status"
        choices={[
          { value: "open", text: "Open" },
          { value: "over", text: "Closed or canceled" },
          ...STATUSES,
        ]}
        onChange={(event) => change({ status: event.target.value })}
      />
      <Popover.Root>
        <Popover.Trigger asChild>
          <Button>
            <SlidersHorizontal aria-hidden className="size-3.5" />
            Filters{many > 0 && <span className="tabular">({many})</span>}
          </Button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="start"
            sideOffset={4}
            collisionPadding={8}
            aria-label="Filters"
            className="z-30 flex w-72 max-w-[calc(100vw-1rem)] flex-col gap-3 rounded-lg border border-line bg-raised p-3 shadow-float"
          >
            <Behind list={list} />
            {many > 0 && (
              <Button
                look="plain"
                onClick={() => change(Object.fromEntries(BEHIND.map((name) => [name, null])))}
              >
                Clear these
              </Button>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </>
  );
}

/** Customers by name, phone or address, for a Combobox. */
export const foundCustomers = async (typed: string, signal: AbortSignal): Promise<Option[]> => {
  if (typed.length < 2) return [];
  const query = { q: typed, types: ["customer" as const], limit: 10 };
  const found = await ask(api.GET("/api/v2/search", { params: { query }, signal }));
  return found.data.map((hit) => ({ id: hit.id, text: hit.title, detail: hit.subtitle }));
};

/** Asked for when it is opened, and not before. */
function Behind({ list }: { list: List<WorkOrder> }) {
  const { address, change } = list;
  const at = (name: string) => address.get(name) ?? "";
  const jobs = useJobTypes();
  const customer = useCustomer(address.get("customer"));
  const tags = useTags("work_order");
  return (
    <>
      <Combobox
        label="Customer"
        value={customer.data ? { id: customer.data.id, text: customer.data.name } : null}
        onChange={(chosen) => change({ customer: chosen?.id ?? null })}
        queryKey={["search", "customer"]}
        placeholder="Name, phone or address"
        load={foundCustomers}
        nothing={(typed) => (typed.length < 2 ? "Type two letters or more." : `Nobody is called “${typed}”.`)}
      />
      <Select
        label="Priority"
        value={at("priority")}
        none="Any"
        choices={PRIORITIES}
        onChange={(event) => change({ priority: event.target.value })}
      />
      <Select
        label="Job type"
        value={at("job")}
        none="Any"
        choices={(jobs.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
        onChange={(event) => change({ job: event.target.value })}
      />
      <Select
        label="Tag"
        value={at("tag")}
        none="Any"
        choices={(tags.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
        onChange={(event) => change({ tag: event.target.value })}
      />
      <div className="grid grid-cols-2 gap-2">
        <Field
          label="Opened from"
          type="date"
          value={at("from")}
          onChange={(event) => change({ from: event.target.value })}
        />
        <Field
          label="Opened before"
          type="date"
          value={at("before")}
          onChange={(event) => change({ before: event.target.value })}
        />
      </div>
    </>
  );
}
