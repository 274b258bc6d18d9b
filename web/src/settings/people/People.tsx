/** Who works here and signs in: with which role, in which team, and whether they may come in. */

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { nameOf, roleName, useRoles, useTeams } from "../lookups";
import { Invite } from "./Invite";
import { MemberDrawer } from "./Member";
import type { Member } from "./members";

export default function People() {
  const [inviting, setInviting] = useState(false);
  const roles = useRoles();
  const teams = useTeams();
  const list = useList("/api/v2/memberships", {
    find: ["name", "email"],
    sort: "name",
    params: {
      role: (role) => ({ role }),
      out: (value) => ({ suspended: value === "yes" }),
      team: (team_id) => ({ team_id }),
    },
  });
  useKeys([{ keys: "c", says: "Invite somebody", group: "Do", do: () => setInviting(true) }]);
  const open = list.address.get("open");

  const columns: Column<Member>[] = [
    { key: "name", heading: "Name", sort: "name", cell: (one) => one.name },
    { key: "email", heading: "E-mail", width: "32%", from: 640, cell: (one) => one.email },
    { key: "role", heading: "Role", width: "150px", cell: (one) => roleName(one.role) },
    {
      key: "team",
      heading: "Team",
      width: "16%",
      from: 860,
      cell: (one) => nameOf(teams.data, one.team_id),
    },
    {
      key: "state",
      heading: "State",
      width: "116px",
      from: 420,
      cell: (one) => <Status status={one.suspended_at ? "suspended" : "active"} />,
    },
  ];

  function addressOf(one: Member): string {
    const there = new URLSearchParams(list.address);
    there.set("open", one.id);
    return `?${there}`;
  }

  return (
    <Page
      title="People"
      about={<span className="max-lg:hidden">Everybody who signs in here, and what they may do.</span>}
      scrolls={false}
      actions={
        <Button look="primary" aria-keyshortcuts="c" onClick={() => setInviting(true)}>
          <UserPlus aria-hidden className="size-3.5" /> Invite somebody
          <kbd className="font-sans text-sm opacity-80 max-sm:hidden">C</kbd>
        </Button>
      }
    >
      <DataTable
        list={list}
        name="people"
        one="person"
        columns={columns}
        views={false}
        open={addressOf}
        called={(one) => one.name}
        filters={
          <>
            <Select
              quiet
              className="w-36"
              label="Role"
              none="Any role"
              choices={(roles.data ?? []).map((one) => ({ value: one.name, text: roleName(one.name) }))}
              value={list.address.get("role") ?? ""}
              onChange={(event) => list.change({ role: event.target.value || null })}
            />
            {(teams.data?.length ?? 0) > 0 && (
              <Select
                quiet
                className="w-36"
                label="Team"
                none="Any team"
                choices={(teams.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
                value={list.address.get("team") ?? ""}
                onChange={(event) => list.change({ team: event.target.value || null })}
              />
            )}
            <Select
              quiet
              className="w-36"
              label="State"
              none="Active or not"
              choices={[
                { value: "no", text: "Active" },
                { value: "yes", text: "Suspended" },
              ]}
              value={list.address.get("out") ?? ""}
              onChange={(event) => list.change({ out: event.target.value || null })}
            />
          </>
        }
      />
      {inviting && <Invite onClose={() => setInviting(false)} />}
      {open && <MemberDrawer key={open} id={open} onClose={() => list.change({ open: null })} />}
    </Page>
  );
}
