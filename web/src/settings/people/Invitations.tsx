/** Who was asked to join, and what became of it: sent again with a new link, or taken back. */

import { UserPlus } from "lucide-react";
import { useState } from "react";
import { api, ask, askAll } from "@/api/client";
import { useMe } from "@/identity/me";
import { proved } from "@/identity/StepUp";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status, words } from "@/ui/Status";
import { Sure, type Surely } from "@/ui/Sure";
import { toast } from "@/ui/toast";
import { useList } from "@/ui/useList";
import { When } from "@/ui/When";
import { roleName } from "../lookups";
import { Invite } from "./Invite";
import { type Invitation, moved } from "./members";

const STATES = ["open", "accepted", "revoked", "expired"];

export default function Invitations() {
  const { me } = useMe();
  const [inviting, setInviting] = useState(false);
  const [sure, setSure] = useState<Surely | null>(null);
  const zone = me?.time_zone ?? "UTC";
  const list = useList("/api/v2/invitations", {
    sort: "-created_at",
    params: { status: (status) => ({ status }) },
  });
  useKeys([{ keys: "c", says: "Invite somebody", group: "Do", do: () => setInviting(true) }]);

  const again = (one: Invitation): Surely => ({
    title: `Write to ${one.name} again?`,
    about: `${one.email} gets a new link, good for seven days. Links sent before open nothing any more.`,
    verb: "Send again",
    do: async () => {
      await proved(() =>
        ask(api.POST("/api/v2/invitations/{id}/resend", { params: { path: { id: one.id } } })),
      ).then(moved);
      toast({ text: `We wrote to ${one.email} again.` });
    },
  });
  const back = (one: Invitation): Surely => ({
    title: `Take the invitation of ${one.name} back?`,
    about: "The link in the mail opens nothing any more. You can invite them anew at any time.",
    verb: "Take it back",
    look: "danger",
    do: async () => {
      await askAll(api.DELETE("/api/v2/invitations/{id}", { params: { path: { id: one.id } } })).then(moved);
      toast({ text: `The invitation of ${one.email} is taken back.` });
    },
  });

  const columns: Column<Invitation>[] = [
    { key: "name", heading: "Name", cell: (one) => one.name },
    { key: "email", heading: "E-mail", width: "28%", from: 560, cell: (one) => one.email },
    { key: "role", heading: "Role", width: "120px", from: 700, cell: (one) => roleName(one.role) },
    {
      key: "status",
      heading: "State",
      width: "108px",
      from: 380,
      cell: (one) => <Status status={one.status} />,
    },
    {
      key: "until",
      heading: "Good until",
      width: "190px",
      from: 900,
      sort: "expires_at",
      cell: (one) => (one.status === "open" ? <When at={one.expires_at} zone={zone} /> : null),
    },
    {
      key: "verbs",
      heading: "What to do",
      width: "190px",
      cell: (one) =>
        (one.status === "open" || one.status === "expired") && (
          <span className="flex gap-2">
            <Button
              onClick={() => setSure(again(one))}
              aria-label={`Send again: the invitation of ${one.name}`}
            >
              Send again
            </Button>
            <Button
              look="danger"
              onClick={() => setSure(back(one))}
              aria-label={`Take back the invitation of ${one.name}`}
            >
              Take back
            </Button>
          </span>
        ),
    },
  ];

  return (
    <Page
      title="Invitations"
      about={<span className="max-lg:hidden">Who was asked to join, and what became of it.</span>}
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
        name="invitations"
        one="invitation"
        columns={columns}
        views={false}
        called={(one) => one.name}
        filters={
          <Select
            quiet
            className="w-36"
            label="State"
            none="Any state"
            choices={STATES.map((value) => ({ value, text: words(value) }))}
            value={list.address.get("status") ?? ""}
            onChange={(event) => list.change({ status: event.target.value || null })}
          />
        }
        empty={
          <EmptyState
            title="Nobody was invited yet."
            action={<Button onClick={() => setInviting(true)}>Invite somebody</Button>}
          >
            Whoever you invite gets a link by mail and chooses a password of their own.
          </EmptyState>
        }
      />
      {inviting && <Invite onClose={() => setInviting(false)} />}
      {sure && <Sure of={sure} onClose={() => setSure(null)} />}
    </Page>
  );
}
