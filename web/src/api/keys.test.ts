import { afterEach, expect, test, vi } from "vitest";
import { forgetKey, keyFor, settles } from "./keys";

afterEach(() => vi.unstubAllGlobals());

test("what was not answered is sent again under its key, and what was answered is not", () => {
  const known = new Map<string, string>();
  const first = keyFor(known, { amount: 5000 });
  expect(keyFor(known, { amount: 5000 })).toBe(first);
  forgetKey(first);
  const second = keyFor(known, { amount: 5000 });
  expect(second).not.toBe(first);
  expect(keyFor(known, { amount: 5000 })).toBe(second);
});

test("however much was answered since, an answered key is never given out again", () => {
  const known = new Map<string, string>();
  const first = keyFor(known, "note");
  forgetKey(first);
  for (let other = 0; other < 500; other++) forgetKey(keyFor(new Map(), other));
  expect(keyFor(known, "note")).not.toBe(first);
});

test("only what was done, or is withheld, ends a key", () => {
  expect([200, 201, 204].every((status) => settles(status, undefined))).toBe(true);
  expect(settles(409, "reply_withheld")).toBe(true);
  const open = [
    [401, "not_signed_in"],
    [409, "request_in_flight"],
    [422, "invalid"],
    [503, ""],
  ] as const;
  expect(open.some(([status, code]) => settles(status, code))).toBe(false);
});

test("a session that ends, and then a lost reply, leave the intention its key", async () => {
  const sent: (string | null)[] = [];
  const said = (status: number, body: object) =>
    new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  const replies = [
    () => said(401, { code: "not_signed_in" }),
    () => {
      throw new TypeError("Failed to fetch");
    },
    () => said(201, { id: "1" }),
    () => said(201, { id: "2" }),
  ];
  vi.stubGlobal("location", { origin: "https://office.example" });
  vi.stubGlobal("document", { cookie: "tr_csrf=token" });
  vi.stubGlobal("navigator", { locks: { request: (_: string, then: () => unknown) => then() } });
  vi.stubGlobal("fetch", async (what: Request | string) => {
    if (typeof what === "string") return said(200, {});
    sent.push(what.headers.get("Idempotency-Key"));
    return replies[sent.length - 1]?.();
  });
  const { api, ask, Unreachable } = await import("./client");
  const known = new Map<string, string>();
  const body = { entity: "customer", entity_id: "1", body: "Paid in cash", audience: "everyone" } as const;
  const write = () =>
    ask(api.POST("/api/v2/notes", { body, headers: { "Idempotency-Key": keyFor(known, body) } }));
  await expect(write()).rejects.toBeInstanceOf(Unreachable);
  await write();
  await write();
  expect(sent[1]).toBe(sent[0]);
  expect(sent[2]).toBe(sent[0]);
  expect(sent[3]).not.toBe(sent[0]);
});
