/** What stands at a site and is looked after; more of it is added here. */

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { EquipmentForm } from "@/equipment/EquipmentForm";
import { useMay } from "@/identity/may";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Status } from "@/ui/Status";
import type { Site } from "./sites";

const MOST = 100;

export function Standing({ site }: { site: Site }) {
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const asked = useQuery({
    queryKey: ["equipment", { siteId: site.id, all: true }],
    queryFn: () =>
      ask(
        api.GET("/api/v2/equipment", {
          params: { query: { site_id: site.id, limit: MOST, include_total: true } },
        }),
      ),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  const rows = asked.data?.data ?? [];
  const total = asked.data?.total ?? rows.length;
  return (
    <Pane
      title="Equipment"
      actions={
        may("equipment:write") && (
          <Button onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-3.5" /> Add equipment
          </Button>
        )
      }
    >
      {asked.data && rows.length === 0 && <p className="text-muted">None is known.</p>}
      <ul className="-my-1 empty:hidden">
        {rows.map((one) => (
          <li key={one.id} className="flex min-h-7 flex-wrap items-center gap-x-2">
            <Link to={`/equipment/${one.id}`} className="inline-block py-0.5 font-medium hover:underline">
              {one.name}
            </Link>
            {one.location && <span className="text-muted">{one.location}</span>}
            {one.status === "retired" && <Status status="retired" />}
          </li>
        ))}
      </ul>
      {total > rows.length && (
        <p className="mt-2 text-muted">
          {rows.length} of <span className="tabular">{total}</span>.
        </p>
      )}
      {adding && (
        <EquipmentForm site={{ id: site.id, text: site.address }} onClose={() => setAdding(false)} />
      )}
    </Pane>
  );
}
