/** A technician: what they can do, when they work, where they go, when they are away, and where they were last seen. */

import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus } from "lucide-react";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { Numbers } from "@/customers/Around";
import { useMay } from "@/identity/may";
import { LastSeen } from "@/map/Where";
import { useLiveQueries } from "@/office/live";
import { Told } from "@/stories/Told";
import { dayFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { Facts } from "@/ui/Facts";
import { Failed } from "@/ui/Failed";
import { useKeys } from "@/ui/keys";
import { Pane } from "@/ui/Page";
import { Opened, RecordPage } from "@/ui/RecordPage";
import { When } from "@/ui/When";
import { ago, onDay } from "@/ui/when";
import { Certificates } from "./Certificates";
import { mondayOf, today } from "./days";
import { ShiftForm } from "./ShiftForm";
import { EditTechnician } from "./TechnicianForm";
import { TimesOff } from "./TimesOff";
import { KIND, type Shift, type Technician, useShifts, useTechnician } from "./technicians";
import { Week } from "./Week";
import { Work } from "./Work";

export default function TechnicianPage() {
  const { id = "" } = useParams();
  const asked = useTechnician(id);
  useLiveQueries(
    `technician:${id}`,
    "technicians",
    "shifts",
    "working-time",
    "time-off",
    "visits",
    "stories",
  );
  return (
    <Opened asked={asked} kind={KIND}>
      {(technician) => <Record technician={technician} />}
    </Opened>
  );
}

/** The one whose name is this: positions are listed by name, and have no page of their own. */
function useSeen(technician: Technician, may: boolean) {
  return useQuery({
    queryKey: ["positions", technician.id],
    enabled: may,
    refetchInterval: 60_000,
    queryFn: async () => {
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof positions>> = await positions(cursor);
        const found = page.data.find((one) => one.technician.id === technician.id);
        if (found) return found;
        cursor = page.next_cursor;
      } while (cursor);
      return null;
    },
  });
}

const positions = (cursor: string | null) =>
  ask(
    api.GET("/api/v2/technicians/positions", {
      params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } },
    }),
  );

function Record({ technician }: { technician: Technician }) {
  const may = useMay();
  const mayEdit = may("technicians:write");
  const [query, setQuery] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const [shift, setShift] = useState<Shift | { from: string; alone: boolean } | null>(null);
  const shifts = useShifts(technician.id);
  const seen = useSeen(technician, may("positions:read"));
  const now = today(technician.time_zone);
  const monday = mondayOf(dayFrom(query.get("week")) ?? now);

  useKeys(mayEdit ? [{ keys: "e", says: "Edit", group: "Record", do: () => setEditing(true) }] : []);

  function put(name: string, value: string) {
    setQuery(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );
  }

  return (
    <RecordPage
      title={technician.name}
      about={technician.active ? "Technician" : "Left"}
      actions={
        mayEdit && (
          <Button look="primary" aria-keyshortcuts="e" onClick={() => setEditing(true)}>
            <Pencil aria-hidden className="size-3.5" /> Edit
          </Button>
        )
      }
      aside={
        <>
          <Pane title="Technician">
            <Facts
              of={[
                ["Phone", technician.phone && <Numbers of={[technician.phone]} />],
                ["Starts from", technician.base_name],
                ["Time zone", technician.time_zone.replaceAll("_", " ")],
                ["Key elsewhere", technician.external_key],
                ["Last seen", seen.data && <Seen of={seen.data} zone={technician.time_zone} />],
              ]}
            />
          </Pane>
          {seen.data && <LastSeen of={seen.data} />}
          <Pane title="Skills and certificates">
            <Certificates of={technician} />
          </Pane>
          <Pane
            title="Shifts"
            actions={
              mayEdit && (
                <Button onClick={() => setShift({ from: now, alone: false })}>
                  <Plus aria-hidden className="size-3.5" /> Add a shift
                </Button>
              )
            }
          >
            {shifts.error && <Failed error={shifts.error} again={() => void shifts.refetch()} />}
            {shifts.data?.length === 0 && (
              <p className="text-muted">None of their own: they work the organisation's hours.</p>
            )}
            <ul className="-my-1 empty:hidden">
              {shifts.data?.map((one) => (
                <li
                  key={one.id}
                  className="flex items-center gap-3 border-line border-b py-1.5 last:border-0"
                >
                  <span className="min-w-0 flex-1">
                    <span className="block font-medium">{one.name}</span>
                    <span className="tabular block text-muted">
                      {one.valid_until === one.valid_from
                        ? onDay(one.valid_from)
                        : `${onDay(one.valid_from)} – ${one.valid_until ? onDay(one.valid_until) : "further notice"}`}
                      {one.kind === "on_call" && ", on call"}
                    </span>
                  </span>
                  {mayEdit && one.technician_id === technician.id && (
                    <Button look="plain" aria-label={`Change ${one.name}`} onClick={() => setShift(one)}>
                      Change
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Pane>
        </>
      }
      layers={
        <>
          {editing && <EditTechnician technician={technician} onClose={() => setEditing(false)} />}
          {shift && <ShiftForm technicianId={technician.id} of={shift} onClose={() => setShift(null)} />}
        </>
      }
    >
      <Pane title="Working time">
        <Week
          technicianId={technician.id}
          monday={monday}
          shifts={shifts.data ?? []}
          mayEdit={mayEdit}
          onWeek={(week) => put("week", week)}
          onShift={setShift}
          onDay={(from) => setShift({ from, alone: true })}
        />
      </Pane>
      {may("visits:read") && <Work technician={technician} />}
      {may("time-off:read") && <TimesOff technician={technician} may={may} />}
      <Told of="technicians" id={technician.id} />
    </RecordPage>
  );
}

function Seen({ of, zone }: { of: NonNullable<ReturnType<typeof useSeen>["data"]>; zone: string }) {
  if (!of.last_seen_at) return <span className="text-muted">Never: their phone has not told</span>;
  const where = of.position && `${of.position.latitude.toFixed(4)}, ${of.position.longitude.toFixed(4)}`;
  return (
    <>
      <When at={of.last_seen_at} zone={zone} /> <span className="text-muted">({ago(of.last_seen_at)})</span>
      {where && of.position && (
        <span className="tabular block text-muted">
          {where}, within {of.position.accuracy_m} m
        </span>
      )}
    </>
  );
}
