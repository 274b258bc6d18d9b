/** Who of the support may look in here, why and until when. They read and change nothing, and each thing they read
 * is written down. */

import { useQuery } from "@tanstack/react-query";
import { LifeBuoy } from "lucide-react";
import { useState } from "react";
import { z } from "zod";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { proved } from "@/identity/StepUp";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { EmptyState } from "@/ui/EmptyState";
import { Field } from "@/ui/Field";
import { useKeys as useBound } from "@/ui/keys";
import { Page } from "@/ui/Page";
import { Badge } from "@/ui/Status";
import { Sure } from "@/ui/Sure";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useList } from "@/ui/useList";
import { useUnsaved } from "@/ui/useUnsaved";
import { When } from "@/ui/When";
import { Wrong } from "@/ui/Wrong";
import { needed, whole } from "../entering";

type Grant = Schemas["SupportGrantOut"];

const again = () => void queries.invalidateQueries({ queryKey: ["support-grants"] });
const over = (one: Grant) => one.revoked_at !== null || new Date(one.until).getTime() <= Date.now();

export default function Support() {
  const { me } = useMe();
  const zone = me?.time_zone ?? "UTC";
  const [letting, setLetting] = useState(false);
  const [revoking, setRevoking] = useState<Grant | null>(null);
  const [reading, setReading] = useState<Grant | null>(null);
  const list = useList("/api/v2/support-grants");
  useBound([{ keys: "c", says: "Let the support in", group: "Do", do: () => setLetting(true) }]);

  const columns: Column<Grant>[] = [
    { key: "who", heading: "Who", width: "22%", cell: (one) => one.member.name },
    { key: "why", heading: "Why", from: 640, cell: (one) => one.reason },
    {
      key: "until",
      heading: "Until",
      width: "200px",
      from: 420,
      cell: (one) => <When at={one.until} zone={zone} />,
    },
    {
      key: "state",
      heading: "State",
      width: "96px",
      from: 760,
      cell: (one) =>
        one.revoked_at ? (
          <Badge>Ended</Badge>
        ) : over(one) ? (
          <Badge>Over</Badge>
        ) : (
          <Badge tone="warn">May read</Badge>
        ),
    },
    {
      key: "verbs",
      heading: "What to do",
      width: "200px",
      cell: (one) => (
        <span className="flex gap-2">
          <Button onClick={() => setReading(one)} aria-label={`What ${one.member.name} read`}>
            What was read
          </Button>
          {!over(one) && (
            <Button
              look="danger"
              onClick={() => setRevoking(one)}
              aria-label={`End it for ${one.member.name}`}
            >
              End it
            </Button>
          )}
        </span>
      ),
    },
  ];

  return (
    <Page
      title="Support access"
      about={
        <span className="max-lg:hidden">Nobody of the support sees anything here unless you let them.</span>
      }
      scrolls={false}
      actions={
        <Button look="primary" aria-keyshortcuts="c" onClick={() => setLetting(true)}>
          <LifeBuoy aria-hidden className="size-3.5" /> Let somebody in
          <kbd className="font-sans text-sm opacity-80 max-sm:hidden">C</kbd>
        </Button>
      }
    >
      <DataTable
        list={list}
        name="grants"
        one="grant"
        columns={columns}
        views={false}
        called={(one) => one.member.name}
        empty={
          <EmptyState
            title="The support was never let in."
            action={<Button onClick={() => setLetting(true)}>Let somebody in</Button>}
          >
            If you ask for help you can let one person read here for up to 24 hours. They change nothing, and
            you see everything they looked at.
          </EmptyState>
        }
      />
      {letting && <LetIn onClose={() => setLetting(false)} />}
      {reading && <Reads grant={reading} zone={zone} onClose={() => setReading(null)} />}
      {revoking && (
        <Sure
          onClose={() => setRevoking(null)}
          of={{
            title: `End it for ${revoking.member.name}?`,
            about: "From their next click on your company is not there for them.",
            verb: "End it",
            look: "danger",
            do: async () => {
              await ask(
                api.POST("/api/v2/support-grants/{id}/revoke", { params: { path: { id: revoking.id } } }),
              );
              again();
              toast({ text: `${revoking.member.name} does not see anything here any more.` });
            },
          }}
        />
      )}
    </Page>
  );
}

const Entered = z.object({
  email: needed("Type the address that the support gave you."),
  reason: needed("Say what they are to look at."),
  hours: whole(1, 24, "Type hours from 1 to 24."),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

function LetIn({ onClose }: { onClose: () => void }) {
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: { email: "", reason: "", hours: "4" },
    send: async (body) => {
      const made = await proved(() =>
        ask(api.POST("/api/v2/support-grants", { body, headers: keyOf(body) })),
      );
      again();
      unsaved.let();
      onClose();
      toast({ text: `${made.member.name} may read here for ${body.hours} hours.` });
    },
  });
  const { bind, form } = editing;
  const unsaved = useUnsaved(form.formState.isDirty);
  const close = () => unsaved.leave(onClose);
  return (
    <Dialog
      open
      onClose={close}
      title="Let somebody of the support in"
      about="They read and change nothing. You can end it at any time, and see what they looked at."
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="let-in" busy={editing.busy}>
            Let them in
          </Button>
        </>
      }
    >
      <form id="let-in" noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        <Field label="Their e-mail" type="email" autoComplete="off" autoFocus {...bind("email")} />
        <Textarea label="What for" {...bind("reason")} />
        <Field label="For how many hours" className="w-40" inputMode="numeric" {...bind("hours")} />
        <Wrong>{editing.problem}</Wrong>
      </form>
      {unsaved.dialog}
    </Dialog>
  );
}

function Reads({ grant, zone, onClose }: { grant: Grant; zone: string; onClose: () => void }) {
  const asked = useQuery({
    queryKey: ["support-grants", "reads", grant.id],
    queryFn: () =>
      ask(
        api.GET("/api/v2/support-grants/{id}/reads", {
          params: { path: { id: grant.id }, query: { limit: 200 } },
        }),
      ),
  });
  const reads = asked.data?.data;
  return (
    <Dialog open wide onClose={onClose} title={`What ${grant.member.name} read`} about={grant.reason}>
      {asked.error && <Wrong>{asked.error.message}</Wrong>}
      {reads?.length === 0 && <p className="text-muted">Nothing yet.</p>}
      <ul>
        {reads?.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap justify-between gap-x-4 border-line border-b py-1 last:border-0"
          >
            <span className="min-w-0 break-all">{one.path}</span>
            <When at={one.created_at} zone={zone} />
          </li>
        ))}
      </ul>
      {asked.data?.next_cursor && <p className="mt-2 text-muted">These are the last 200.</p>}
    </Dialog>
  );
}
