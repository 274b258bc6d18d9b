/** What the company is, who works there, what it sells and when: one frame, a section an address. */

import { type ComponentType, lazy, Suspense } from "react";
import { Navigate, NavLink, useNavigate, useParams } from "react-router";
import { type Me, useMe } from "@/identity/me";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { mayOpen, SECTIONS, type Section, sectionPath } from "./sections";

const PAGES: Record<string, ComponentType> = {
  company: lazy(() => import("./company/Company")),
  invoicing: lazy(() => import("./company/Invoicing")),
  hours: lazy(() => import("./company/Hours")),
  completing: lazy(() => import("./company/Completing")),
  options: lazy(() => import("./company/Options")),
  archives: lazy(() => import("./company/Archives")),
  support: lazy(() => import("./company/Support")),
  people: lazy(() => import("./people/People")),
  invitations: lazy(() => import("./people/Invitations")),
  roles: lazy(() => import("./people/Roles")),
  teams: lazy(() => import("./people/Teams")),
  employees: lazy(() => import("./people/Employees")),
  "sign-ins": lazy(() => import("./people/SignIns")),
  "job-types": lazy(() => import("./work/JobTypes")),
  skills: lazy(() => import("./work/Skills")),
  tags: lazy(() => import("./work/Tags")),
  "arrival-windows": lazy(() => import("./time/ArrivalWindows")),
  "kept-back": lazy(() => import("./time/Reserves")),
  holidays: lazy(() => import("./time/Holidays")),
  territories: lazy(() => import("./time/Territories")),
  branches: lazy(() => import("./time/Branches")),
};

export default function SettingsPage() {
  const { section: key } = useParams();
  const { me } = useMe();
  if (!me) return null;
  const mine = SECTIONS.filter((one) => mayOpen(me, one));
  const first = mine[0];
  if (!key) return first ? <Navigate replace to={sectionPath(first.key)} /> : <Closed me={me} />;
  const section = SECTIONS.find((one) => one.key === key);
  if (section && !mayOpen(me, section)) return <Closed me={me} section={section} />;
  const Content = section && PAGES[section.key];
  return (
    <div className="flex h-full min-h-0 max-md:flex-col">
      <Side sections={mine} at={key} />
      <div className="min-h-0 min-w-0 flex-1">
        {Content ? (
          <Suspense fallback={<Skeleton rows={12} label="Opening the section" />}>
            <Content key={section.key} />
          </Suspense>
        ) : (
          <Page title="Settings">
            <EmptyState title="There is no such section.">Choose one from the list.</EmptyState>
          </Page>
        )}
      </div>
    </div>
  );
}

function Side({ sections, at }: { sections: readonly Section[]; at: string }) {
  const go = useNavigate();
  const groups = [...new Set(sections.map((one) => one.group))];
  return (
    <>
      <nav
        aria-label="Settings"
        className="w-44 shrink-0 overflow-y-auto border-line border-r bg-surface px-2 py-2 max-md:hidden"
      >
        {groups.map((group) => (
          <div key={group} className="mb-3">
            <p className="px-2 py-1 text-muted text-sm">{group}</p>
            <ul className="flex flex-col gap-0.5">
              {sections
                .filter((one) => one.group === group)
                .map((one) => (
                  <li key={one.key}>
                    <NavLink
                      to={sectionPath(one.key)}
                      className="flex h-7 items-center rounded-md px-2 hover:bg-sunken aria-[current=page]:bg-accent-wash aria-[current=page]:font-medium aria-[current=page]:text-accent-strong pointer-coarse:h-11"
                    >
                      {one.words}
                    </NavLink>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="border-line border-b bg-surface px-4 py-2 md:hidden">
        <Select
          label="Section"
          quiet
          choices={sections.map((one) => ({ value: one.key, text: one.words }))}
          value={at}
          onChange={(event) => void go(sectionPath(event.target.value))}
        />
      </div>
    </>
  );
}

function Closed({ me, section }: { me: Me; section?: Section }) {
  return (
    <Page title={section?.words ?? "Settings"}>
      <EmptyState title="This is not for your role.">
        {section
          ? `As ${me.org.role} you do not change ${section.words.toLowerCase()}.`
          : `As ${me.org.role} you have nothing to set up.`}{" "}
        Somebody who manages people can give you a role that does.
      </EmptyState>
    </Page>
  );
}
