/** What somebody must be able to do, or be certified for, to be sent to some work. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { z } from "zod";
import { api, ask, type Schemas } from "@/api/client";
import { technicianPath } from "@/technicians/technicians";
import { Field } from "@/ui/Field";
import { onDay } from "@/ui/when";
import { needed } from "../entering";
import { resource } from "../resource";
import { type Kind, SettingsList } from "../SettingsList";

type Skill = Schemas["SkillOut"];

const Entered = z.object({ name: needed("Type a name, such as “Backflow certificate”.") });
type Entered = z.output<typeof Entered>;

const kind: Kind<Skill, Entered, Entered> = {
  resource: resource<Skill, Entered>("/api/v2/skills"),
  one: "skill",
  many: "skills",
  permission: "job-types:write",
  schema: Entered,
  typed: (of) => ({ name: of?.name ?? "" }),
  fields: ({ bind }, row) => (
    <>
      <Field
        label="Name"
        hint="Septic pumping, gas fitting, a backflow certificate."
        autoComplete="off"
        autoFocus={row === null}
        {...bind("name")}
      />
      {row && <Holders skill={row} />}
    </>
  ),
  called: (one) => one.name,
  deleting:
    "It is gone for good. Job types that ask for it and technicians who have it lose nothing: then it is refused.",
};

export default function Skills() {
  return (
    <SettingsList
      title="Skills"
      about="What somebody must be able to do to be sent to some work. Levels and certificates are the technician's."
      kind={kind}
      sort="name"
      find={["name"]}
      columns={[{ key: "name", heading: "Name", sort: "name", cell: (one) => one.name }]}
    />
  );
}

/** Who has it: at which level, and until when. */
function Holders({ skill }: { skill: Skill }) {
  const filter = JSON.stringify({ field: "skills", op: "has", value: skill.id });
  const asked = useQuery({
    queryKey: ["technicians", "with", skill.id],
    queryFn: () =>
      ask(api.GET("/api/v2/technicians", { params: { query: { filter, sort: "name", limit: 100 } } })).then(
        (page) => page.data,
      ),
  });
  return (
    <section aria-label="Who has it">
      <h3 className="mb-1 font-medium">Who has it</h3>
      {asked.error && <p className="text-danger">{asked.error.message}</p>}
      {asked.data?.length === 0 && (
        <p className="text-muted">
          Nobody yet. It is given on a technician's page, with its level and expiry.
        </p>
      )}
      <ul>
        {asked.data?.map((one) => {
          const held = one.skills.find((other) => other.skill.id === skill.id);
          return (
            <li
              key={one.id}
              className="flex flex-wrap justify-between gap-x-3 border-line border-b py-1.5 last:border-0"
            >
              <Link to={technicianPath(one.id)} className="text-accent hover:underline">
                {one.name}
              </Link>
              <span className="text-muted">
                Level {held?.level}
                {held?.expires_on && `, until ${onDay(held.expires_on)}`}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
