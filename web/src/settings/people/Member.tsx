/** One person: their role, team and territories; keeping them out, letting them in again, letting them go. What
 * each does is said before it is done. */

import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Controller } from "react-hook-form";
import { z } from "zod";
import { useMe } from "@/identity/me";
import { AskWhy, type Why } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Drawer } from "@/ui/Dialog";
import { Facts } from "@/ui/Facts";
import { Failed } from "@/ui/Failed";
import { isNone, NoSuch } from "@/ui/RecordPage";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { Sure, type Surely } from "@/ui/Sure";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { When } from "@/ui/When";
import { Wrong } from "@/ui/Wrong";
import { choicesOf, roleName, useRoles, useTeams, useTerritories } from "../lookups";
import { changeMember, letGo, type Member, readMember, reinstate, suspend } from "./members";

const Entered = z.object({
  role: z.string().min(1),
  team_id: z.string().transform((value) => value || null),
  territory_ids: z.array(z.string()),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const typed = (of: Member): Typed => ({
  role: of.role,
  team_id: of.team_id ?? "",
  territory_ids: of.territory_ids,
});

export function MemberDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const asked = useQuery({
    queryKey: ["memberships", "one", id],
    queryFn: () => readMember(id),
    gcTime: 0,
  });
  if (asked.data) return <Person member={asked.data} onClose={onClose} />;
  return (
    <Drawer open onClose={onClose} title="Opening the person">
      {isNone(asked.error) ? (
        <NoSuch one="person" />
      ) : asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={5} label="Opening the person" />
      )}
    </Drawer>
  );
}

function Person({ member, onClose }: { member: Member; onClose: () => void }) {
  const { me } = useMe();
  const roles = useRoles();
  const teams = useTeams();
  const territories = useTerritories();
  const from = useRef(member);
  const [why, setWhy] = useState<Why | null>(null);
  const [sure, setSure] = useState<Surely | null>(null);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(member),
    send: async (_, changed) => {
      if (Object.keys(changed).length > 0) {
        await changeMember(from.current, changed);
        toast({ text: `${member.name} was changed. It counts from their next click on.` });
      }
      unsaved.let();
      onClose();
    },
    reread: (current) => {
      from.current = current as unknown as Member;
      return typed(from.current);
    },
  });
  const { bind, form, wrong } = editing;
  const unsaved = useUnsaved(form.formState.isDirty);
  const close = () => unsaved.leave(onClose);
  const self = me?.user.id === member.id;
  const out = member.suspended_at !== null;
  const mine = roles.data?.find((one) => one.name === me?.org.role)?.level ?? 100;
  const given = (roles.data ?? []).filter((one) => one.level <= mine || one.name === member.role);

  const done = (text: string) => {
    toast({ text });
    unsaved.let();
    onClose();
  };

  const suspending: Surely = {
    title: `Suspend ${member.name}?`,
    about:
      "They are signed out everywhere at once and cannot come in until somebody lets them in again. " +
      "Their records, and the visits planned for them, stay as they are.",
    verb: "Suspend",
    do: async () => {
      await suspend(member.id);
      done(`${member.name} is suspended and signed out everywhere.`);
    },
  };
  const reinstating: Surely = {
    title: `Let ${member.name} in again?`,
    about: `They sign in anew, as ${member.role}, with the password they had. Visits that went to others do not come back by themselves.`,
    verb: "Let in again",
    do: async () => {
      await reinstate(member.id);
      done(`${member.name} may come in again.`);
    },
  };
  const leaving: Why = {
    title: `Deactivate ${member.name}?`,
    about:
      "They are signed out everywhere at once. If they are a technician they take no more work, and every visit " +
      "that is ahead of them goes back into the tray, promised as it was. What they did stays theirs.",
    verb: "Deactivate",
    look: "danger",
    needed: false,
    do: async (reason) => {
      const { handed_over: visits } = await letGo(member.id, reason);
      const many = visits.length;
      done(
        `${member.name} is deactivated${many ? `; ${many} ${many === 1 ? "visit needs" : "visits need"} somebody else` : ""}.`,
      );
    },
  };

  return (
    <Drawer
      open
      onClose={close}
      title={member.name}
      about={member.email}
      actions={
        <>
          {!self && (
            <div className="mr-auto flex flex-wrap gap-2">
              {out ? (
                <Button onClick={() => setSure(reinstating)}>Let in again…</Button>
              ) : (
                <Button look="danger" onClick={() => setSure(suspending)}>
                  Suspend…
                </Button>
              )}
              <Button look="danger" onClick={() => setWhy(leaving)}>
                Deactivate…
              </Button>
            </div>
          )}
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form="member" busy={editing.busy}>
            Save
          </Button>
        </>
      }
    >
      <form id="member" noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-4">
        <Facts
          of={[
            ["State", <Status key="state" status={out ? "suspended" : "active"} />],
            [
              "Suspended",
              member.suspended_at && (
                <When at={member.suspended_at} zone={me?.time_zone ?? "UTC"} shape="full" />
              ),
            ],
            [
              "Here since",
              <When key="since" at={member.created_at} zone={me?.time_zone ?? "UTC"} shape="full" />,
            ],
          ]}
        />
        <Select
          label="Role"
          choices={given.map((one) => ({ value: one.name, text: roleName(one.name) }))}
          hint={self ? "Somebody else has to change your own role." : "Counts from their next click on."}
          disabled={self}
          {...bind("role")}
        />
        <Select label="Team" none="No team" choices={choicesOf(teams.data)} {...bind("team_id")} />
        <Controller
          control={form.control}
          name="territory_ids"
          render={({ field }) => (
            <Choices
              label="Looks after"
              choices={choicesOf(territories.data)}
              value={field.value}
              onChange={field.onChange}
              nothing="There are no territories yet."
              error={wrong("territory_ids")}
            />
          )}
        />
        <Wrong>{editing.problem}</Wrong>
      </form>
      {unsaved.dialog}
      {why && <AskWhy why={why} onClose={() => setWhy(null)} />}
      {sure && <Sure of={sure} onClose={() => setSure(null)} />}
    </Drawer>
  );
}
