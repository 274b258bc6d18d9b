/** The form of a role: its name, which records it reaches, and what it may do, by what that is about. */

import { useQuery } from "@tanstack/react-query";
import { Controller } from "react-hook-form";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Choices } from "@/ui/Choices";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import type { Edited } from "../SettingsList";
import { PERMISSIONS, type Permission, SCOPES } from "./permissions";
import type { Entered, Role, Typed } from "./roles";

export function RoleFields({ editing, row }: { editing: Edited<Typed, Entered>; row: Role | null }) {
  const { bind, form, wrong } = editing;
  const { me } = useMe();
  // nobody gives what they do not have themselves
  const mine = (one: Permission) => me?.permissions.includes(one) || row?.permissions.includes(one);
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_96px] gap-3 max-sm:grid-cols-1">
        <Field label="Name" autoComplete="off" autoFocus={row === null} {...bind("name")} />
        <Select label="Sees" choices={SCOPES} {...bind("record_scope")} />
        <Field label="Rank" inputMode="numeric" {...bind("level")} />
      </div>
      <p className="text-muted text-sm">
        Whoever has a role gives and takes roles up to its rank, and never more than they may do themselves.
      </p>
      <Controller
        control={form.control}
        name="permissions"
        render={({ field }) => (
          <div className="grid gap-4 sm:grid-cols-2">
            {Object.entries(PERMISSIONS).map(([group, all]) => {
              const choices = (Object.entries(all) as [Permission, string][])
                .filter(([value]) => mine(value))
                .map(([value, text]) => ({ value, text }));
              if (choices.length === 0) return null;
              const here = choices.map((one) => one.value as Permission);
              const full = here.every((one) => field.value.includes(one));
              const others = field.value.filter((one) => !here.includes(one));
              return (
                <div key={group} className="relative rounded-md border border-line p-3">
                  <Choices
                    label={group}
                    choices={choices}
                    value={field.value}
                    onChange={(value) => field.onChange(value)}
                  />
                  <Button
                    look="plain"
                    className="absolute! top-1.5 right-1.5 text-accent! disabled:hidden"
                    aria-label={full ? `None of ${group}` : `All of ${group}`}
                    onClick={() => field.onChange(full ? others : [...others, ...here])}
                  >
                    {full ? "None" : "All"}
                  </Button>
                </div>
              );
            })}
          </div>
        )}
      />
      {wrong("permissions") && (
        <p role="alert" className="text-danger text-sm">
          {wrong("permissions")}
        </p>
      )}
    </>
  );
}

const SHOWN = 12;

/** Who has it. */
export function Holders({ role }: { role: Role }) {
  const asked = useQuery({
    queryKey: ["memberships", "with", role.name],
    queryFn: () =>
      ask(
        api.GET("/api/v2/memberships", {
          params: { query: { role: role.name, limit: SHOWN, include_total: true, sort: "name" } },
        }),
      ),
  });
  const many = asked.data?.total ?? 0;
  return (
    <p>
      {asked.error ? (
        <span className="text-danger">{asked.error.message}</span>
      ) : !asked.data ? (
        <span className="text-muted">Looking who has it…</span>
      ) : many === 0 ? (
        <span className="text-muted">Nobody has it.</span>
      ) : (
        <>
          <span className="text-muted">Held by </span>
          {asked.data.data.map((one, place) => (
            <span key={one.id}>
              {place > 0 && ", "}
              <Link to={`/settings/people?open=${one.id}`} className="text-accent hover:underline">
                {one.name}
              </Link>
            </span>
          ))}
          {many > SHOWN && (
            <>
              {" and "}
              <Link to={`/settings/people?role=${encodeURIComponent(role.name)}`} className="text-accent">
                {many - SHOWN} more
              </Link>
            </>
          )}
          .
        </>
      )}
    </p>
  );
}
