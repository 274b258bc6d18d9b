import { expect, test } from "vitest";
import { byVisits, wayTo } from "./ways";

type Order = Parameters<typeof wayTo>[0];

const order = (status: Order["status"], allowed: string[], ...visits: string[]): Order => ({
  status,
  allowed_transitions: allowed,
  visits: visits.map((one) => ({ status: one as Order["visits"][number]["status"] })),
});

test("a card goes where a verb leads that is open to whoever holds it", () => {
  const ready = order("ready", ["hold", "cancel"]);
  expect(wayTo(ready, "on_hold")).toEqual({ verb: "hold" });
  expect(wayTo(ready, "canceled")).toEqual({ verb: "cancel" });
  expect(wayTo(ready, "ready")).toBeNull();
  expect(wayTo(order("completed", ["reopen", "approve"]), "approved")).toEqual({ verb: "approve" });
});

test("where no verb leads it says why", () => {
  expect(wayTo(order("ready", ["hold"]), "scheduled")).toEqual({
    why: "A planned visit makes it scheduled: find a time for it.",
  });
  expect(wayTo(order("completed", ["reopen"]), "approved")).toEqual({ why: "Your role may not do this." });
  expect(wayTo(order("closed", []), "ready")).toEqual({
    why: "It is closed: nothing about it changes any more.",
  });
});

test("off hold it goes where its visits put it", () => {
  const held = order("on_hold", ["release", "cancel"], "canceled", "dispatched");
  expect(byVisits(held)).toBe("scheduled");
  expect(wayTo(held, "scheduled")).toEqual({ verb: "release" });
  expect(wayTo(held, "ready")).toEqual({ why: "Off hold it goes to “Scheduled”, where its visits put it." });
  expect(byVisits(order("on_hold", [], "completed", "unscheduled"))).toBe("in_progress");
  expect(byVisits(order("on_hold", [], "no_access"))).toBe("ready");
});
