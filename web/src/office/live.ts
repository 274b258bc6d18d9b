/** The tab's one socket: who wants to hear of a topic says so here, and how fresh the picture is stands here
 * for everybody to show. */

import { useEffect, useRef } from "react";
import { create } from "zustand";
import { api, ask, Problem } from "@/api/client";
import { type Event, Live, type Other, SignedOut } from "@/api/live";
import { queries } from "@/api/queries";

export interface Listener {
  /** A record changed: read it again. Presence and positions come by `other`. */
  event?: (event: Event) => void;
  /** Read everything of this topic anew. Also called once when one begins to listen. */
  resync?: () => void;
  other?: (message: Other) => void;
}

export interface Connection {
  /** `beginning`: not connected yet. `live`: nothing is missing. `lost`: the picture may be old. */
  state: "beginning" | "live" | "lost";
  /** When the picture was last known to be complete, in ms since the epoch. */
  completeAt: number | null;
}

export const useConnection = create<Connection>(() => ({ state: "beginning", completeAt: null }));

/** Who looks at a topic now, as the hub tells it. */
export const usePresence = create<{ topics: Record<string, { id: string; name: string }[]> }>(() => ({
  topics: {},
}));

const listeners = new Map<string, Set<Listener>>();
/** Topics whose listeners have read everything once. */
const known = new Set<string>();
let live: Live | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

async function ticket(): Promise<string> {
  try {
    return (await ask(api.POST("/api/v2/realtime/tickets"))).ticket;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) throw new SignedOut(error.message);
    throw error;
  }
}

function tell(topics: readonly string[], how: (one: Listener) => void): void {
  for (const topic of topics) for (const one of listeners.get(topic) ?? []) how(one);
}

function resync(topics: readonly string[]): void {
  for (const topic of topics) known.add(topic);
  tell(topics, (one) => one.resync?.());
}

function changed(): void {
  if (!live) return;
  const state = live.mark === null ? "beginning" : live.stale ? "lost" : "live";
  const completeAt = live.mark === null ? null : Date.now() - live.age;
  const before = useConnection.getState();
  // while it is live the moment moves on by itself; only what is shown is told
  if (state !== before.state || state === "lost") useConnection.setState({ state, completeAt });
}

/** Begin to listen: somebody is signed in. */
export function begin(): void {
  if (live) return;
  live = new Live({
    address: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v2/realtime`,
    ticket,
    topics: ["me", ...listeners.keys()],
    event: (event) => {
      if (event.topics.includes("me")) void queries.invalidateQueries({ queryKey: ["me"] });
      // one listener hears of an entry once, however many of its topics it belongs to
      const told = new Set(event.topics.flatMap((topic) => [...(listeners.get(topic) ?? [])]));
      for (const one of told) one.event?.(event);
    },
    resync,
    other: (message) => {
      if (message.type === "subscribed") {
        resync((message.topics as string[]).filter((topic) => !known.has(topic)));
      } else if (message.type === "presence") {
        const { topic, people } = message as unknown as {
          topic: string;
          people: { id: string; name: string }[];
        };
        usePresence.setState(({ topics }) => ({ topics: { ...topics, [topic]: people } }));
      }
      const topics = message.topic === undefined ? [...listeners.keys()] : [message.topic as string];
      tell(topics, (one) => one.other?.(message));
    },
    changed,
    ended: () => void queries.invalidateQueries({ queryKey: ["me"] }),
  });
  live.start();
  timer = setInterval(changed, 1_000);
}

/** Nobody is signed in any more. */
export function end(): void {
  clearInterval(timer);
  live?.stop();
  live = null;
  known.clear();
  useConnection.setState({ state: "beginning", completeAt: null });
  usePresence.setState({ topics: {} });
}

/** Hear of a topic until the return value is called. */
export function subscribe(topic: string, listener: Listener): () => void {
  const all = listeners.get(topic) ?? new Set();
  listeners.set(topic, all.add(listener));
  if (all.size === 1) {
    if (topic !== "me") live?.listen(topic);
  } else if (known.has(topic)) {
    listener.resync?.();
  }
  return () => {
    all.delete(listener);
    if (all.size === 0 && listeners.get(topic) === all) {
      listeners.delete(topic);
      known.delete(topic);
      if (topic !== "me") live?.leave(topic);
    }
  };
}

/** As `subscribe`, while a component is there; null: to nothing at the moment. */
export function useLive(topic: string | null, listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    if (topic === null) return undefined;
    return subscribe(topic, {
      event: (event) => latest.current.event?.(event),
      resync: () => latest.current.resync?.(),
      other: (message) => latest.current.other?.(message),
    });
  }, [topic]);
}

const PAUSE = 300;

/** Read again what is kept under these keys whenever something on the topic changes, not more often than
 * three times a second. */
export function useLiveQueries(topic: string | null, ...keys: string[]): void {
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const again = () => {
    due.current ??= setTimeout(() => {
      due.current = undefined;
      for (const key of keys) void queries.invalidateQueries({ queryKey: [key] });
    }, PAUSE);
  };
  useLive(topic, { event: again, resync: again });
}

/** One's person looks at a topic, while the component is there. */
export function useHere(topic: string | null): void {
  const state = useConnection((all) => all.state);
  useEffect(() => {
    if (topic === null || state !== "live") return undefined;
    live?.here(topic);
    return () => live?.here(topic, false);
  }, [topic, state]);
}
