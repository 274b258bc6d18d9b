/** A board kept by `web/src/api/live.ts` in Node, for `tests/live/test_typescript.py`: each change of it
 * is a line of JSON on standard output; a line on standard input is an order. */

import { createInterface } from "node:readline";

import { Live, SignedOut } from "../../web/src/api/live.ts";

const [url = "", token = "", topics = ""] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const records = new Map<string, number>();
const heard: number[] = [];
const refused: unknown[][] = [];
const taken: string[] = [];
let resyncs = 0;

async function get(path: string): Promise<Response> {
  return fetch(`${url}/api/v2${path}`, { headers });
}

const live = new Live({
  address: `${url.replace("http", "ws")}/api/v2/realtime`,
  topics: topics.split(","),
  async ticket() {
    const reply = await fetch(`${url}/api/v2/realtime/tickets`, { method: "POST", headers });
    if (reply.status === 401) throw new SignedOut("no ticket: 401");
    if (!reply.ok) throw new Error(`no ticket: ${reply.status}`);
    return ((await reply.json()) as { ticket: string }).ticket;
  },
  async event(event) {
    heard.push(event.seq);
    if (event.entity !== "visit") return;
    const reply = await get(`/visits/${event.id}`);
    if (reply.ok) records.set(event.id, ((await reply.json()) as { version: number }).version);
    else records.delete(event.id);
  },
  async resync() {
    resyncs++;
    records.clear();
    const page = (await (await get("/visits?limit=200")).json()) as {
      data: { id: string; version: number }[];
    };
    for (const visit of page.data) records.set(visit.id, visit.version);
  },
  other({ type, topic, code, topics }) {
    if (type === "refused") refused.push([topic, code]);
    if (type === "subscribed") taken.push(...(topics as string[]));
  },
  changed: tell,
  ended(why) {
    console.log(JSON.stringify({ ended: String(why) }));
    process.exit(0);
  },
});

function tell(): void {
  const { mark, connected, stale, closed } = live;
  const shown = Object.fromEntries(records);
  const ended = [...live.gone].sort();
  const age = live.age / 1000;
  console.log(
    JSON.stringify({ mark, connected, stale, closed, age, ended, refused, taken, resyncs, heard, records: shown }),
  );
}

createInterface({ input: process.stdin }).on("line", (order) => {
  if (order === "cut") live.cut();
  if (order === "say") tell();
  if (order.startsWith("listen ")) live.listen(order.slice(7));
  if (order === "stop") {
    live.stop();
    process.exit(0);
  }
});
live.start();
