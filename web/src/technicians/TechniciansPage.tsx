/** Those who go out: what each can do, until when their certificates last, and where they were last seen. */

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { api, ask } from "@/api/client";
import { useMay } from "@/identity/may";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { useNew } from "@/ui/useNew";
import { ago } from "@/ui/when";
import { Expiry, firstToEnd } from "./Certificates";
import { NewTechnician } from "./TechnicianForm";
import { type Technician, technicianPath, useSkills } from "./technicians";

const MOST = 200;

/** When each was last seen, by their id; for those who may know. */
function useSeen(may: boolean) {
  return useQuery({
    queryKey: ["positions", "all"],
    enabled: may,
    staleTime: 30_000,
    queryFn: () =>
      ask(api.GET("/api/v2/technicians/positions", { params: { query: { limit: MOST } } })).then(
        (page) => new Map(page.data.map((one) => [one.technician.id, one.last_seen_at])),
      ),
  });
}

export default function TechniciansPage() {
  const may = useMay();
  const making = useNew();
  const skills = useSkills();
  const seen = useSeen(may("positions:read"));
  const list = useList("/api/v2/technicians", {
    find: ["name", "phone"],
    sort: "name",
    filters: {
      active: { means: (value) => ({ field: "active", op: "eq", value: value === "yes" }) },
      skill: { means: (value) => ({ field: "skills", op: "has", value }) },
    },
  });
  useKeys(
    may("technicians:write") ? [{ keys: "c", says: "New technician", group: "Do", do: making.open }] : [],
  );

  const columns: Column<Technician>[] = [
    {
      key: "name",
      heading: "Name",
      sort: "name",
      cell: (one) => (
        <>
          <span
            aria-hidden
            className="mr-2 inline-block size-2.5 rounded-full"
            style={{ background: one.color }}
          />
          {one.name}
        </>
      ),
    },
    {
      key: "phone",
      heading: "Phone",
      width: "136px",
      from: 560,
      cell: (one) => one.phone && <span className="tabular">{phone(one.phone)}</span>,
    },
    {
      key: "skills",
      heading: "Skills",
      width: "34%",
      from: 760,
      cell: (one) => one.skills.map((held) => held.skill.name).join(", "),
    },
    {
      key: "certificate",
      heading: "First to expire",
      width: "210px",
      from: 900,
      cell: (one) => {
        const on = firstToEnd(one);
        return on && <Expiry on={on} zone={one.time_zone} />;
      },
    },
    ...(may("positions:read")
      ? [
          {
            key: "seen",
            heading: "Last seen",
            width: "128px",
            from: 1_150,
            cell: (one: Technician) => {
              const at = seen.data?.get(one.id);
              return at ? <time dateTime={at}>{ago(at)}</time> : null;
            },
          },
        ]
      : []),
    {
      key: "active",
      heading: "State",
      width: "104px",
      cell: (one) => (
        <Status status={one.active ? "active" : "retired"} text={one.active ? "Active" : "Left"} />
      ),
    },
  ];

  return (
    <Page
      title="Technicians"
      scrolls={false}
      actions={
        may("technicians:write") && (
          <Button look="primary" aria-keyshortcuts="c" onClick={making.open}>
            <Plus aria-hidden className="size-3.5" /> New technician
            <kbd className="font-sans text-sm opacity-80 max-sm:hidden">C</kbd>
          </Button>
        )
      }
    >
      <DataTable
        list={list}
        name="technicians"
        one="technician"
        columns={columns}
        open={(one) => technicianPath(one.id)}
        called={(one) => one.name}
        filters={
          <>
            <Select
              quiet
              className="w-32"
              label="State"
              none="Active or not"
              choices={[
                { value: "yes", text: "Active" },
                { value: "no", text: "Left" },
              ]}
              value={list.address.get("active") ?? ""}
              onChange={(event) => list.change({ active: event.target.value || null })}
            />
            {(skills.data?.length ?? 0) > 0 && (
              <Select
                quiet
                className="w-40"
                label="Skill"
                none="Any skill"
                choices={(skills.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
                value={list.address.get("skill") ?? ""}
                onChange={(event) => list.change({ skill: event.target.value || null })}
              />
            )}
          </>
        }
        empty={
          <EmptyState
            title="There are no technicians yet."
            action={may("technicians:write") && <Button onClick={making.open}>New technician</Button>}
          >
            A technician is who goes out and has a lane on the board.
          </EmptyState>
        }
      />
      {making.isOpen && may("technicians:write") && <NewTechnician onClose={making.close} />}
    </Page>
  );
}
