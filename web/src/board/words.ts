/** What stands on the board, in words: for those who hear it, and wherever a colour would say it alone. */

import type { Schemas } from "@/api/client";
import * as clock from "./clock";
import { type Alert, at, type Cell, type Stop } from "./picture";

/** How it stands: the status, with what is known of the customer's yes. */
export function state(cell: Cell): string {
  if (cell.status === "scheduled" && cell.confirmed_at) return "confirmed";
  return cell.status;
}

const STATES: Record<string, string> = {
  tentative: "Tentative",
  unscheduled: "Not scheduled",
  scheduled: "Scheduled",
  confirmed: "Confirmed",
  dispatched: "Dispatched",
  en_route: "On the way",
  on_site: "On site",
  working: "Working",
  paused: "Paused",
  completed: "Done",
  incomplete: "Incomplete",
  no_access: "No access",
  no_show: "Nobody there",
  canceled: "Cancelled",
};

export const stateWords = (cell: Cell): string => STATES[state(cell)] ?? cell.status;

export const STATUS_WORDS = STATES;

export function alertWords(alert: Alert): string {
  const by = clock.length(alert.minutes);
  switch (alert.code) {
    case "late_to_leave":
      return `Should have left ${by} ago`;
    case "late_to_arrive":
      return `Arrives ${by} late`;
    case "overrunning":
      return `Over its time by ${by}`;
    case "window_at_risk":
      return `Arrives ${by} after the promised window`;
    case "window_oversold":
      return "More promised than there is room for";
    case "not_confirmed":
      return "Nobody has confirmed it";
    default:
      return String(alert.code).replaceAll("_", " ");
  }
}

/** How a customer was told something. */
export const VIA: Record<Schemas["ToldVia"], string> = {
  phone: "by phone",
  sms: "by text message",
  email: "by e-mail",
  in_person: "in person",
  portal: "in the portal",
  not_yet: "not told yet",
};

const SOURCES: Record<string, string> = {
  provider: "by the map service",
  learnt: "as drives here usually go",
  estimate: "estimated",
  assumed: "assumed: one of the places is not on the map",
};

/** "~12 min": a drive that no map service was asked for is an estimate. */
export const about = (stop: Stop): string =>
  `${stop.source === "provider" ? "" : "~"}${clock.length(stop.drive_minutes ?? 0)}`;

export function driveWords(stop: Stop, zone: string): string {
  if (stop.leave_at === null) return "";
  return `Leave at ${clock.time(at(stop.leave_at), zone)}, drive ${about(stop)} (${SOURCES[stop.source ?? ""] ?? ""})`;
}

/** All of a visit in one sentence. */
export function spoken(
  cell: Cell,
  who: string,
  zone: string,
  stop: Stop | undefined,
  alerts: readonly Alert[],
): string {
  const parts = [`${cell.customer}, ${cell.number}`, cell.job_type];
  if (cell.planned_start && cell.planned_end) {
    parts.push(clock.span(at(cell.planned_start), at(cell.planned_end), zone));
  }
  parts.push(who, stateWords(cell));
  if (cell.promised_start && cell.promised_end) {
    parts.push(
      `promised ${clock.told(at(cell.promised_start), at(cell.promised_end), cell.time_zone, zone)}`,
    );
  }
  if (stop && cell.planned_start && stop.start !== cell.planned_start) {
    parts.push(`expected ${clock.time(at(stop.start), zone)}`);
  }
  if (cell.lock !== "none") parts.push("locked");
  parts.push(...alerts.map(alertWords), ...cell.warnings.map((one) => one.detail));
  return parts.join(", ");
}
