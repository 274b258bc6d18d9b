/** What is said of a record: its notes, what happened to it, how its fields changed. Which of them one reads
 * stands in the address. */

import { useSearchParams } from "react-router";
import type { Schemas } from "@/api/client";
import { useMe } from "@/identity/me";
import { Notes } from "@/notes/Notes";
import { type Tab, Tabs } from "@/ui/Tabs";
import { History, type Told as Kind, Timeline } from "./Stories";

interface Props {
  /** As the API's addresses spell it. */
  of: Kind;
  id: string;
  /** What its notes are kept under; silence: it has none. */
  notes?: Schemas["NoteOn"];
}

export function Told({ of, id, notes }: Props) {
  const { me } = useMe();
  const [query, setQuery] = useSearchParams();
  const tabs: Tab[] = [
    { key: "timeline", text: "Timeline", content: <Timeline of={of} id={id} /> },
    { key: "history", text: "History", content: <History of={of} id={id} /> },
  ];
  if (notes && me?.permissions.includes("notes:read"))
    tabs.unshift({ key: "notes", text: "Notes", content: <Notes entity={notes} id={id} /> });
  const wanted = query.get("tab");
  const at = tabs.find((tab) => tab.key === wanted) ?? tabs[0];

  function turn(tab: string) {
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        next.set("tab", tab);
        return next;
      },
      { replace: true },
    );
  }

  return (
    <section aria-label="What is said of it" className="rounded-lg border border-line bg-surface">
      <Tabs
        label="What is said of it"
        at={at?.key ?? "timeline"}
        onChange={turn}
        tabs={tabs.map((tab) => ({ ...tab, content: <div className="p-4">{tab.content}</div> }))}
      />
    </section>
  );
}
