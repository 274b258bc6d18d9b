/** What is asked on a layer over the board, one at a time. Each is fetched when it is opened. */

import { create } from "zustand";
import type { Sought } from "@/holds/holds";

export type Layer =
  /** What whoever works on a day should know: everybody, or one technician. */
  | { what: "notes"; day: string; technician: string | null }
  /** An event that is there. */
  | { what: "event"; id: string }
  /** A new one: of a lane, where there is one, and from when. */
  | { what: "new event"; lane: string | null; start: number }
  /** A time that is held; `books`: it is to be booked. */
  | { what: "hold"; id: string; books?: boolean }
  /** A time is to be held, for a customer. */
  | { what: "new hold"; whose: string; sought: Sought };

export const useLayer = create<{ layer: Layer | null }>()(() => ({ layer: null }));

export const open = (layer: Layer): void => useLayer.setState({ layer });

export const leave = (): void => useLayer.setState({ layer: null });
