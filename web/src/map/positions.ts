/** Where technicians are: read once, then told by the hub; what came in is shown once a second. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { noteClock, serverNow } from "@/board/store";
import { useLive } from "@/office/live";
import { type Read, type Told, told, type Whereabouts } from "./whereabouts";

const PAGES = 5;
const SECOND = 1_000;
/** Read anew: who has gone off duty is told of no more, and asking is what keeps the hub telling. */
const AGAIN = 5 * 60_000;

function of(row: Schemas["PresentOut"]): Whereabouts {
  const { technician, position } = row;
  return {
    id: technician.id,
    name: technician.name,
    colour: technician.color,
    phone: technician.phone,
    online: row.online,
    atWork: row.at_work,
    heardAt: row.last_seen_at ? Date.parse(row.last_seen_at) : null,
    place: position && {
      lat: position.latitude,
      lon: position.longitude,
      at: Date.parse(position.at),
      accuracy: position.accuracy_m,
    },
  };
}

async function read(): Promise<Read> {
  const found: Read = {};
  let cursor: string | null = null;
  for (let n = 0; n < PAGES; n++) {
    const query = { limit: 200, ...(cursor ? { cursor } : {}) };
    const page: Schemas["PageOut_PresentOut_"] = await ask(
      api.GET("/api/v2/technicians/positions", { params: { query } }),
    );
    for (const row of page.data) {
      found[row.technician.id] = of(row);
      if (row.position) noteClock(Date.parse(row.position.at) + row.position.age_seconds * SECOND);
    }
    cursor = page.next_cursor;
    if (!cursor) break;
  }
  return found;
}

export interface Positions {
  all: Read;
  error: Error | null;
  /** By the server's clock, moved on now and then. */
  now: number;
}

const NOBODY: Read = {};

/** Of everybody that one may see; `may`: whether one may see any. */
export function usePositions(may: boolean): Positions {
  const asked = useQuery({
    queryKey: ["positions", "everybody"],
    enabled: may,
    refetchInterval: AGAIN,
    queryFn: read,
  });
  const [all, setAll] = useState<Read>(NOBODY);
  const [now, setNow] = useState(serverNow);
  const waiting = useRef(new Map<string, Told>());
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    if (!asked.data) return;
    setAll(asked.data);
    setNow(serverNow());
  }, [asked.data]);

  useLive(may ? "gps" : null, {
    other: (message) => {
      if (message.type !== "position") return;
      const one = message as unknown as Told;
      waiting.current.set(one.technician_id, one);
      due.current ??= setTimeout(() => {
        due.current = undefined;
        const news = [...waiting.current.values()];
        waiting.current.clear();
        setAll((known) => told(known, news));
        setNow(serverNow());
      }, SECOND);
    },
  });

  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 15_000);
    return () => {
      clearInterval(timer);
      clearTimeout(due.current);
      due.current = undefined;
    };
  }, []);

  return { all: may ? all : NOBODY, error: asked.error, now };
}
