/** What is kept about those who are employed: their work here, since when, and what they earn for whoever may see
 * it. */

import { useRef } from "react";
import { z } from "zod";
import type { Schemas } from "@/api/client";
import { useMe } from "@/identity/me";
import { major, minor } from "@/invoices/amounts";
import { Field } from "@/ui/Field";
import { money } from "@/ui/Money";
import { Select } from "@/ui/Select";
import { words as spoken } from "@/ui/Status";
import { onDay } from "@/ui/when";
import { words } from "../entering";
import { choicesOf, useMembers } from "../lookups";
import { resource } from "../resource";
import { type Edited, type Kind, SettingsList } from "../SettingsList";
import { Documents } from "./Documents";

type Employee = Schemas["EmployeeOut"];

const EMPLOYMENTS = ["full_time", "part_time", "apprentice", "temporary", "contractor"] as const;
const day = z.string().transform((value) => value || null);

function schema(currency: string) {
  return z.object({
    member_id: z.string().min(1, "Choose who it is."),
    department: words,
    title: words,
    employment: z.enum(EMPLOYMENTS),
    hired_on: day,
    left_on: day,
    pay_rate: z
      .string()
      .transform((value, told) => {
        if (!value.trim()) return null;
        try {
          return minor(value, currency);
        } catch (error) {
          told.addIssue({ code: "custom", message: (error as Error).message });
          return z.NEVER;
        }
      })
      .optional(),
  });
}
type Schema = ReturnType<typeof schema>;
type Typed = z.input<Schema>;
type Entered = z.output<Schema>;

const employees = resource<Employee, Entered>("/api/v2/employees");

function kindOf(currency: string, pay: boolean): Kind<Employee, Typed, Entered> {
  return {
    resource: employees,
    one: "employee",
    many: "employees",
    permission: "employees:write",
    schema: schema(currency),
    once: ["member_id"],
    typed: (of) => ({
      member_id: of?.member.id ?? "",
      department: of?.department ?? "",
      title: of?.title ?? "",
      employment: of?.employment ?? "full_time",
      hired_on: of?.hired_on ?? "",
      left_on: of?.left_on ?? "",
      ...(pay ? { pay_rate: typeof of?.pay_rate === "number" ? major(of.pay_rate, currency) : "" } : {}),
    }),
    fields: (editing, row) => <Fields editing={editing} there={row} pay={pay} currency={currency} />,
    below: (row) => <Documents employeeId={row.id} />,
    called: (one) => one.member.name,
    deleting:
      "The record goes for good, and its files with it that are on no other record. The person stays, and may go on signing in.",
    irrevocable: true,
  };
}

export default function Employees() {
  const { me } = useMe();
  const pay = me?.permissions.includes("employees:pay") ?? false;
  const currency = me?.currency ?? "USD";
  // the same schema as long as the same person looks: a form keeps the one it began with
  const kind = useRef(kindOf(currency, pay)).current;
  return (
    <SettingsList
      title="Employees"
      about="What is kept about those who are employed here."
      kind={kind}
      filters={{ employment: {} }}
      choices={(list) => (
        <Select
          quiet
          className="w-44"
          label="Employment"
          none="Any employment"
          choices={EMPLOYMENTS.map((value) => ({ value, text: spoken(value) }))}
          value={list.address.get("employment") ?? ""}
          onChange={(event) => list.change({ employment: event.target.value || null })}
        />
      )}
      columns={[
        { key: "name", heading: "Name", cell: (one) => one.member.name },
        { key: "title", heading: "Title", width: "20%", from: 560, cell: (one) => one.title },
        { key: "department", heading: "Department", width: "16%", from: 860, cell: (one) => one.department },
        { key: "employment", heading: "Employment", width: "120px", cell: (one) => spoken(one.employment) },
        {
          key: "since",
          heading: "Since",
          width: "160px",
          from: 700,
          sort: "hired_on",
          cell: (one) => one.hired_on && <span className="tabular">{onDay(one.hired_on)}</span>,
        },
        {
          key: "until",
          heading: "Until",
          width: "160px",
          from: 1020,
          cell: (one) => one.left_on && <span className="tabular">{onDay(one.left_on)}</span>,
        },
        ...(pay
          ? [
              {
                key: "pay",
                heading: "An hour",
                width: "104px",
                number: true,
                from: 480,
                cell: (one: Employee) =>
                  typeof one.pay_rate === "number" ? money(one.pay_rate, currency) : null,
              },
            ]
          : []),
      ]}
    />
  );
}

function Fields({
  editing: { bind },
  there,
  pay,
  currency,
}: {
  editing: Edited<Typed, Entered>;
  there: Employee | null;
  pay: boolean;
  currency: string;
}) {
  const members = useMembers();
  const people = there ? [there.member] : members.data;
  return (
    <>
      <Select
        label="Who"
        {...(there ? {} : { none: "Choose a person" })}
        choices={choicesOf(people)}
        disabled={there !== null}
        hint={there ? "A record stays with its person." : "Whoever signs in here; invite others first."}
        {...bind("member_id")}
      />
      <div className="grid grid-cols-2 gap-3">
        <Field label="Title" autoComplete="off" {...bind("title")} />
        <Field label="Department" autoComplete="off" {...bind("department")} />
        <Select
          label="Employment"
          choices={EMPLOYMENTS.map((value) => ({ value, text: spoken(value) }))}
          {...bind("employment")}
        />
        {pay && <Field label={`Pay an hour (${currency})`} inputMode="decimal" {...bind("pay_rate")} />}
        <Field label="Since" type="date" {...bind("hired_on")} />
        <Field label="Until" type="date" {...bind("left_on")} />
      </div>
    </>
  );
}
