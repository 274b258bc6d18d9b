/** Where one can go. A page that does not exist is not here; one that a role may not see is not shown to it.
 * One line a page, in the order in which it is shown. */

import {
  CalendarRange,
  ClipboardList,
  FileUp,
  Gauge,
  HardHat,
  House,
  type LucideIcon,
  Map as MapIcon,
  MapPin,
  MapPinPlus,
  MoonStar,
  PhoneCall,
  ReceiptText,
  Settings,
  Stethoscope,
  Truck,
  UserPlus,
  Users,
  UsersRound,
  Wrench,
} from "lucide-react";
import type { Me } from "@/identity/me";
import { PERMISSIONS } from "@/settings/sections";

export interface Place {
  to: string;
  words: string;
  icon: LucideIcon;
  /** Who may go there: whoever has it, or one of them; silence: everybody. */
  permission?: string | readonly string[];
  /** Two keys, one after the other: "g b". */
  keys?: string;
  /** Where it stands: with the day's work, or with what is set up. */
  group?: "work" | "set up";
}

export const PLACES: readonly Place[] = [
  { to: "/", words: "Today", icon: House, keys: "g t" },
  { to: "/call", words: "Call", icon: PhoneCall, keys: "g c", permission: "dispatch:write" },
  { to: "/board", words: "Board", icon: CalendarRange, keys: "g b", permission: "technicians:read" },
  { to: "/map", words: "Map", icon: MapIcon, keys: "g m", permission: "technicians:read" },
  { to: "/capacity", words: "Capacity", icon: Gauge, keys: "g a", permission: "dispatch:write" },
  {
    to: "/work-orders",
    words: "Work orders",
    icon: ClipboardList,
    keys: "g w",
    permission: "work-orders:read",
  },
  { to: "/customers", words: "Customers", icon: Users, keys: "g u", permission: "customers:read" },
  { to: "/sites", words: "Sites", icon: MapPin, keys: "g s", permission: "sites:read" },
  { to: "/equipment", words: "Equipment", icon: Wrench, keys: "g q", permission: "equipment:read" },
  { to: "/technicians", words: "Technicians", icon: HardHat, keys: "g p", permission: "technicians:read" },
  { to: "/invoices", words: "Invoices", icon: ReceiptText, keys: "g i", permission: "invoices:read" },
  { to: "/end-of-day", words: "End of day", icon: MoonStar, keys: "g e", permission: "visits:read" },
  {
    to: "/imports",
    words: "Import",
    icon: FileUp,
    keys: "g o",
    permission: "customers:import",
    group: "set up",
  },
  {
    to: "/vehicles",
    words: "Vehicles",
    icon: Truck,
    keys: "g v",
    permission: "technicians:read",
    group: "set up",
  },
  {
    to: "/crews",
    words: "Crews",
    icon: UsersRound,
    keys: "g r",
    permission: "technicians:read",
    group: "set up",
  },
  {
    to: "/doctor",
    words: "Doctor",
    icon: Stethoscope,
    keys: "g d",
    permission: "organisation:write",
    group: "set up",
  },
  {
    to: "/settings",
    words: "Settings",
    icon: Settings,
    keys: "g ,",
    permission: PERMISSIONS,
    group: "set up",
  },
];

/** What the palette offers to do, beside pages. `to` is the address that begins it. */
export const ACTIONS: readonly Place[] = [
  { to: "/call", words: "Answer a call", icon: PhoneCall, permission: "dispatch:write" },
  { to: "/customers?new=", words: "New customer", icon: UserPlus, permission: "customers:write" },
  { to: "/sites?new=", words: "New site", icon: MapPinPlus, permission: "sites:write" },
  { to: "/technicians?new=", words: "New technician", icon: HardHat, permission: "technicians:write" },
  { to: "/customers/duplicates", words: "Find duplicates", icon: Users, permission: "customers:read" },
  { to: "/equipment?new=", words: "New equipment", icon: Wrench, permission: "equipment:write" },
  { to: "/work-orders?new=1", words: "New work order", icon: ClipboardList, permission: "work-orders:write" },
  { to: "/invoices?new=1", words: "New invoice", icon: ReceiptText, permission: "invoices:write" },
];

/** Where a record's page is. Found records whose kind is not here are not offered. */
export const RECORDS: Readonly<Record<string, (id: string) => string>> = {
  site: (id) => `/sites/${id}`,
  equipment: (id) => `/equipment/${id}`,
  customer: (id) => `/customers/${id}`,
  technician: (id) => `/technicians/${id}`,
  invoice: (id) => `/invoices/${id}`,
  work_order: (id) => `/work-orders/${id}`,
};

/** A record's page, or null where there is none. */
export const recordPath = (entity: string, id: string): string | null => RECORDS[entity]?.(id) ?? null;

export const mayGo = (me: Me, place: Place): boolean =>
  place.permission === undefined || [place.permission].flat().some((one) => me.permissions.includes(one));
