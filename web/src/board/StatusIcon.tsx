/** A visit's status as a sign. A colour never says it alone. */

import {
  Ban,
  Check,
  CircleDashed,
  CircleDot,
  Clock,
  DoorClosed,
  Hammer,
  MapPin,
  Pause,
  Send,
  TriangleAlert,
  Truck,
  UserX,
} from "lucide-react";
import type { Cell } from "./picture";
import { state } from "./words";

export const ICONS: Record<string, typeof Clock> = {
  tentative: CircleDashed,
  unscheduled: CircleDashed,
  scheduled: Clock,
  confirmed: CircleDot,
  dispatched: Send,
  en_route: Truck,
  on_site: MapPin,
  working: Hammer,
  paused: Pause,
  completed: Check,
  incomplete: TriangleAlert,
  no_access: DoorClosed,
  no_show: UserX,
  canceled: Ban,
};

export function StatusIcon({ cell, size = 12 }: { cell: Cell; size?: number }) {
  const Icon = ICONS[state(cell)] ?? Clock;
  return <Icon size={size} strokeWidth={2.4} aria-hidden />;
}
