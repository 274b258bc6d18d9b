/**
 * Keeps a board right by events alone, as docs/board.md tells it to: what an event names is read again, many
 * events with one question. What cannot be read now waits and is read when it can be.
 */

import { api, ask, Problem } from "@/api/client";
import type { Event } from "@/api/live";
import { queries } from "@/api/queries";
import { begin, subscribe } from "@/office/live";
import { fade } from "./flash";
import { at, going, lanesOf, lanesOfHold, patched, pictureOf } from "./picture";
import type { Table } from "./shapes";
import { noteClock, useBoard } from "./store";

/** A change of one of these is read with the whole board. */
const DRAWN_FROM = new Set([
  "crew",
  "vehicle",
  "shift",
  "holiday",
  "time_off",
  "event",
  "organisation_settings",
]);
/** Under it notes of days are known. */
export const NOTES = ["day-notes"];
const MOST = 50;
/** The first change of a quiet time is read so soon; while more come, they are read together, so seldom. */
const SOON = 30;
const APART = 250;
/** A server that takes longer for an answer is busy, and asked more seldom: after twice what it took, at most after this. */
const FURTHEST = 1_000;
const AGAIN = 2_000;
const LONGEST = 30_000;
/** So long a board waits for the socket before it is read without it. */
const PATIENCE = 500;

export interface Asked {
  date: string;
  days: number;
  by: "technicians" | "crews" | "vehicles";
  territory_id?: string;
  as_of?: string;
}

let present: Keeper | null = null;

/** Of the board that is shown now. */
export const keeper = (): Keeper | null => present;

export class Keeper {
  /** What a drag is reckoned from; null: the server is asked. */
  table: Table | null = null;
  private readonly asked: Asked;
  private visits = new Set<string>();
  private lanes = new Set<string>();
  private whole = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When something is to be read next, or null; and before which moment nothing is read, since reading failed. */
  private due: number | null = null;
  private notBefore = 0;
  private pause = AGAIN;
  /** The server will not say it, however often it is asked. */
  private refused = false;
  private minute: ReturnType<typeof setInterval> | undefined;
  /** An answer is on its way: what comes meanwhile is looked at once, when it is there. */
  private reading = false;
  private leave: (() => void) | undefined;
  private stopped = false;
  private mine = new Set<string>();
  /** Called once what changed on the board's topic is read: the tray reads again, in the same pace. */
  told: (() => void) | undefined;

  private readonly plans: boolean;
  private inTray: string[] = [];
  private tables = 0;

  /** `plans`: whether this person may move anything. */
  constructor(asked: Asked, plans: boolean) {
    this.asked = asked;
    this.plans = plans;
  }

  /** What of the tray may be dragged is reckoned, too. */
  tray(visits: string[]): void {
    const ids = visits.slice(0, MOST);
    if (ids.join() === this.inTray.join()) return;
    this.inTray = ids;
    void this.readTable();
  }

  private async readTable(): Promise<void> {
    const { by, as_of, date, days } = this.asked;
    if (!this.plans || by !== "technicians" || as_of || days > 1) return;
    const turn = ++this.tables; // an answer that was overtaken by a later question is no answer any more
    try {
      const query = { date, days, ids: this.inTray };
      const table = await ask(api.GET("/api/v2/board/table", { params: { query } }));
      if (!this.stopped && turn === this.tables) this.table = table;
    } catch {
      if (turn === this.tables) this.table = null; // what a drop would do is asked of the server then
    }
  }

  /** Listen, then read; returns how to end it. */
  start(): () => void {
    present = this;
    if (this.asked.as_of) {
      this.wholeAgain();
    } else {
      const hears = {
        event: (event: Event) => this.heard(event),
        resync: () => this.wholeAgain(),
      };
      const ends = topicsOf(this.asked).map((topic) => subscribe(topic, hears));
      this.leave = () => {
        for (const end of ends) end();
      };
      begin();
      this.whole = true;
      this.soon(PATIENCE);
      this.minute = setInterval(() => this.clockWentOn(), 60_000);
    }
    return () => this.stop();
  }

  private stop(): void {
    this.stopped = true;
    if (present === this) present = null;
    clearTimeout(this.timer);
    clearInterval(this.minute);
    this.leave?.();
  }

  /** What came of a request of one's own is no news. */
  own(requestId: string): void {
    this.reached();
    this.mine.add(requestId);
    if (this.mine.size > 200) this.mine.delete(this.mine.values().next().value as string);
  }

  /** Read these again soon. */
  again(visits: Iterable<string>, lanes: Iterable<string> = []): void {
    for (const id of visits) this.visits.add(id);
    for (const id of lanes) this.lanes.add(id);
    this.soon(this.together());
  }

  /** Read all of it again soon. */
  redraw(): void {
    this.whole = true;
    this.soon(this.together());
  }

  private wholeAgain(): void {
    void queries.invalidateQueries({ queryKey: NOTES });
    this.whole = true;
    this.refused = false;
    this.reached();
    this.soon(0);
  }

  private heard(event: Event): void {
    if (event.entity === "day_note") void queries.invalidateQueries({ queryKey: NOTES });
    if (DRAWN_FROM.has(event.entity)) this.whole = true;
    else if (event.entity === "visit") {
      this.visits.add(event.id);
      if (!this.mine.has(event.request_id)) this.news.add(event.id);
    } else if (event.entity === "technician") this.lanes.add(event.id);
    else if (event.entity === "hold") void this.held(event.id);
    else return;
    this.heardAt ??= Date.now();
    this.soon(this.together());
  }
  /** Since when there is something that the tray has not been told. */
  private heardAt: number | null = null;
  private news = new Set<string>();

  /** A time is held, or is held no more: the lanes on which it stands, and those of whoever's time it is. */
  private async held(id: string): Promise<void> {
    for (const one of lanesOfHold(useBoard.getState().picture, id)) this.lanes.add(one);
    try {
      const hold = await ask(api.GET("/api/v2/holds/{id}", { params: { path: { id } } }));
      for (const one of hold.technicians) this.lanes.add(one.id);
    } catch {
      this.whole = true; // whose it is cannot be asked: all are read
    }
    this.soon(this.together());
  }

  private clockWentOn(): void {
    const { picture } = useBoard.getState();
    if (picture && document.visibilityState === "visible") this.again([], going(picture));
  }

  private readAt = 0;
  private apart = APART;
  private together(): number {
    return Math.max(SOON, this.readAt + this.apart - Date.now());
  }

  /** An earlier moment wins: what happens meanwhile does not put off what is due. */
  private soon(after: number): void {
    if (this.stopped || this.refused) return;
    const due = Math.max(Date.now() + after, this.notBefore);
    if (this.due !== null && this.due <= due) return;
    this.due = due;
    this.wake();
  }

  private wake(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.reading || this.due === null) return;
    this.due = Math.max(this.due, this.notBefore); // reading may have failed since
    this.timer = setTimeout(() => void this.turn(), this.due - Date.now());
  }

  private async turn(): Promise<void> {
    this.due = null;
    this.reading = true;
    try {
      await this.catchUp();
    } catch (why) {
      this.failed(why);
    }
    this.reading = false;
    this.wake();
  }

  /** The server answers. */
  private reached(): void {
    this.notBefore = 0;
    this.pause = AGAIN;
  }

  /** Asked again after growing pauses; what is refused whole is not asked again until the connection is made anew. */
  private failed(why: unknown): void {
    if (this.stopped) return;
    const refused = isRefusal(why);
    if (this.refused || (!refused && this.pause > AGAIN)) useBoard.setState({ error: why as Error });
    if (this.refused) return;
    if (refused) this.whole = true;
    this.notBefore = Date.now() + this.pause;
    this.pause = Math.min(2 * this.pause, LONGEST);
    this.soon(0);
  }

  private async catchUp(): Promise<void> {
    await this.flush();
    if (this.heardAt === null) return;
    // what is read next tells of this, too; but who is never left in peace is told as well
    if (this.due !== null && Date.now() - this.heardAt < FURTHEST) return;
    this.heardAt = null;
    this.told?.();
  }

  private async flush(): Promise<void> {
    if (this.whole) {
      this.whole = false;
      this.visits.clear();
      this.lanes.clear();
      try {
        await this.read();
      } catch (why) {
        this.whole = true;
        this.refused = isRefusal(why);
        throw why;
      }
      return;
    }
    const { picture } = useBoard.getState();
    if (!picture) return;
    if (Date.now() < this.readAt + this.apart) {
      // it was named while others were being read
      this.soon(this.together());
      return;
    }
    for (const id of lanesOf(picture, this.visits)) this.lanes.add(id);
    let left = Math.max(this.visits.size, this.lanes.size);
    for (; !this.stopped && left > 0; left -= MOST) {
      const ids = [...this.visits].slice(0, MOST);
      const lanes = [...this.lanes].slice(0, MOST);
      for (const id of ids) this.visits.delete(id);
      for (const id of lanes) this.lanes.delete(id);
      try {
        await this.patch(ids, lanes);
      } catch (why) {
        for (const id of ids) this.visits.add(id);
        for (const id of lanes) this.lanes.add(id);
        throw why;
      }
    }
    if (this.visits.size || this.lanes.size) this.soon(this.together());
  }

  private async patch(ids: string[], lanes: string[]): Promise<void> {
    const began = Date.now();
    const reply = await ask(
      api.GET("/api/v2/board/visits", { params: { query: { ...this.asked, ids, lanes } } }),
    );
    const { picture, flashes } = useBoard.getState();
    if (this.stopped || !picture) return;
    this.reached();
    noteClock(at(reply.now));
    this.readAt = Date.now();
    const took = this.readAt - began;
    this.apart = took > APART ? Math.min(2 * took, FURTHEST) : APART;
    const asked = new Set(ids);
    fade();
    const flashing = ids.filter((id) => this.news.delete(id));
    useBoard.setState({
      picture: patched(picture, reply, asked),
      error: null,
      ...(flashing.length
        ? {
            flashes: {
              ...flashes,
              ...Object.fromEntries(flashing.map((id) => [id, performance.now()])),
            },
          }
        : {}),
    });
  }

  /** Read the board whole. */
  async read(): Promise<void> {
    try {
      const board = await ask(api.GET("/api/v2/board", { params: { query: this.asked } }));
      if (this.stopped) return;
      this.reached();
      noteClock(at(board.now));
      useBoard.setState({ picture: pictureOf(board), error: null });
      void this.readTable();
    } catch (error) {
      if (!this.stopped && !useBoard.getState().picture) useBoard.setState({ error: error as Error });
      throw error;
    }
  }
}

const isRefusal = (why: unknown): boolean =>
  why instanceof Problem && why.status >= 400 && why.status < 500 && why.status !== 429;

function topicsOf({ date, days }: Asked): string[] {
  const first = Date.parse(`${date}T00:00:00Z`);
  return Array.from(
    { length: days },
    (_, n) => `board:${new Date(first + n * 86_400_000).toISOString().slice(0, 10)}`,
  );
}
