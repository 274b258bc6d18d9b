/**
 * The socket: what changes, as it changes. It reconnects, resumes where it was, and knows how old what
 * one looks at is. No framework, nothing imported: browsers and Node have all it needs.
 *
 *   const live = new Live({
 *     address: "wss://truckroll.example/api/v2/realtime",
 *     ticket,                                   // POST /api/v2/realtime/tickets
 *     topics: ["board:2026-11-23", "me"],
 *     event: (event) => readAgain(event.entity, event.id),
 *     resync: (topics) => readAll(topics),      // first of all with all of them
 *   });
 *   live.start();
 *
 * Messages are taken one after the other, each once the one before it has been worked up; the mark only
 * moves then, so a cut in between loses nothing.
 */

export interface Event {
  type: "event";
  seq: number;
  topic: string;
  topics: string[];
  fact: string | null;
  action: string;
  entity: string;
  id: string;
  version: number | null;
  /** Of the request that did it: by it one knows one's own changes. */
  request_id: string;
}

export interface Other {
  type: string;
  [field: string]: unknown;
}

export interface Options {
  /** Where the socket is; a function where there are several to choose from. */
  address: string | (() => string);
  /** A new ticket; refreshes the session when that is needed. It throws SignedOut when there is none to
   * refresh, which ends everything; whatever else it throws is waited for like a lost line. */
  ticket: () => Promise<string>;
  topics: string[];
  /** A record changed: read it again. */
  event: (event: Event) => Promise<void> | void;
  /** Read everything on these topics anew. */
  resync: (topics: string[]) => Promise<void> | void;
  /** What is neither event nor mark: who looks, positions, topics that were refused. */
  other?: (message: Other) => Promise<void> | void;
  /** Connected or not, fresh or not: something one would show has changed. */
  changed?: () => void;
  /** Nobody is signed in any more, as `ticket` found. */
  ended?: (why: unknown) => void;
}

/** Nobody is signed in any more. */
export class SignedOut extends Error {
  override name = "SignedOut";
}

const FIRST = 250;
const LONGEST = 30_000;
/** Messages that wait to be worked up; beyond that it is cheaper to come back and resume. */
const MOST_WAITING = 1_000;

export class Live {
  /** The number up to which the picture is complete; null before the first one is. */
  mark: number | null = null;
  connected = false;
  /** The code that the last connection was closed with. */
  closed: number | null = null;
  readonly topics: Set<string>;
  /** Topics that are not told of at the moment: asked for again when what one may see has changed. */
  readonly gone = new Set<string>();

  private proof = "";
  private readonly options: Options;
  private socket: WebSocket | null = null;
  private completeAt = 0;
  private heardAt = 0;
  private heartbeat = 15;
  private wait = FIRST;
  /** Where waiting begins: later each time that what was told could not be worked up. */
  private first = FIRST;
  private toldToWait: number | null = null;
  private waiting = 0;
  private work: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private asking = false;

  constructor(options: Options) {
    this.options = options;
    this.topics = new Set(options.topics);
  }

  /** Milliseconds since the picture was known to be complete. */
  get age(): number {
    return performance.now() - this.completeAt;
  }

  /** Whether the picture may be missing something: say so to whoever looks at it. */
  get stale(): boolean {
    return !this.connected || this.age > 2_000 * this.heartbeat;
  }

  start(): void {
    if (!this.running) {
      this.running = true;
      void this.connect();
    }
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Drop the connection; the next one goes on where this one was. */
  cut(): void {
    this.socket?.close();
  }

  /** Listen to more. Read what you show of it once `other` was told `subscribed`. */
  listen(...topics: string[]): void {
    for (const topic of topics) this.topics.add(topic);
    this.say("subscribe", { topics });
  }

  /** Listen to less. */
  leave(...topics: string[]): void {
    for (const topic of topics) {
      this.topics.delete(topic);
      this.gone.delete(topic);
    }
    this.say("unsubscribe", { topics });
  }

  /** One's person looks at a topic now, or does not any more. */
  here(topic: string, looks = true): void {
    this.say(looks ? "here" : "away", { topic });
  }

  private say(type: string, body: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type, ...body }));
    }
  }

  private async connect(): Promise<void> {
    let ticket: string;
    try {
      ticket = await this.options.ticket();
    } catch (why) {
      if (why instanceof SignedOut) {
        this.running = false;
        this.options.ended?.(why);
      } else {
        this.later(); // the server is away, as it is while it restarts
      }
      return;
    }
    if (!this.running) return;
    const { address } = this.options;
    const socket = new WebSocket(typeof address === "string" ? address : address());
    this.socket = socket;
    socket.onopen = () => {
      this.asking = false;
      this.heardAt = performance.now();
      const since = this.mark === null ? {} : { since: this.mark, proof: this.proof };
      this.say("hello", { ticket, topics: [...this.topics, ...this.gone], ...since });
      this.watch();
    };
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      const message = JSON.parse(data as string) as Other;
      // the end follows at once, and what waits is dropped with the line
      if (message.type === "reconnect") this.toldToWait = message.after_ms as number;
      if (++this.waiting > MOST_WAITING) socket.close();
      // what came over a line that was given up is replayed on the next one
      this.work = this.work.then(async () => {
        try {
          if (this.socket === socket && socket.readyState === WebSocket.OPEN) {
            await this.take(message);
          }
        } catch {
          if (this.connected) this.first = Math.min(this.first * 2, LONGEST);
          socket.close(); // it could not be worked up: come back for it
        } finally {
          this.waiting--;
        }
      });
    };
    socket.onclose = ({ code }) => this.lost(socket, code);
  }

  private lost(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.closed = code;
    this.connected = false;
    clearTimeout(this.timer);
    this.options.changed?.();
    this.later();
  }

  /** Come back after a while: doubling, and not in step with everybody else. */
  private later(): void {
    if (!this.running) return;
    const pause = this.toldToWait ?? this.wait * (0.5 + Math.random() / 2);
    if (this.toldToWait === null) this.wait = Math.min(this.wait * 2, LONGEST);
    this.toldToWait = null;
    this.timer = setTimeout(() => void this.work.then(() => this.connect()), pause);
  }

  /** A line on which nothing comes for two heartbeats is no line. */
  private watch(): void {
    clearTimeout(this.timer);
    const left = this.heardAt + 2_000 * this.heartbeat + 5_000 - performance.now();
    if (left > 0) {
      this.timer = setTimeout(() => this.watch(), left);
      return;
    }
    const socket = this.socket;
    socket?.close();
    // a dead line does not answer: its end would be heard of much later
    if (socket) this.lost(socket, 1006);
  }

  private async take(message: Other): Promise<void> {
    switch (message.type) {
      case "welcome":
        this.heartbeat = message.heartbeat as number;
        this.watch(); // by what this server calls a heartbeat
        break;
      case "subscribed": {
        this.asking = false;
        const taken = message.topics as string[];
        const back = taken.filter((topic) => this.gone.has(topic));
        if (this.mark === null) {
          await this.options.resync(taken);
          this.complete(message);
        } else if (back.length) {
          await this.options.resync(back);
        }
        for (const topic of back) {
          this.gone.delete(topic);
          this.topics.add(topic);
        }
        this.connected = true;
        this.wait = this.first;
        for (const refused of message.refused as { topic: string; code: string }[]) {
          if (this.end(refused.topic)) await this.options.other?.({ type: "refused", ...refused });
        }
        await this.options.other?.(message);
        break;
      }
      case "event":
        await this.options.event(message as unknown as Event);
        this.complete(message);
        if ((message.topics as string[]).includes("me")) this.askAgain();
        break;
      case "up_to":
        this.complete(message);
        break;
      case "resync":
        await this.options.resync((message.topics as string[] | undefined) ?? [...this.topics]);
        this.complete(message);
        if (message.topics === undefined) this.askAgain();
        break;
      default:
        if (message.type === "unsubscribed" && message.code !== undefined) {
          this.end(message.topic as string);
        }
        await this.options.other?.(message);
    }
    this.options.changed?.();
  }

  /** What one may see has changed: perhaps what has ended is told of again. */
  private askAgain(): void {
    if (this.gone.size && !this.asking) {
      this.asking = true;
      this.say("subscribe", { topics: [...this.gone] });
    }
  }

  /** A topic is not told of any more; whether it was until now. */
  private end(topic: string): boolean {
    if (!this.topics.delete(topic)) return false;
    this.gone.add(topic);
    return true;
  }

  /** Up to its number nothing is missing; it is only said once the picture holds it. A lower one than
   * before is another history: the server's was put back, and everything has been read anew. */
  private complete({ type, seq, proof }: Other): void {
    if (type === "resync" || this.mark === null || (seq as number) >= this.mark) {
      this.mark = seq as number;
      this.proof = (proof as string | undefined) ?? "";
    }
    this.completeAt = performance.now();
    this.wait = this.first = FIRST;
  }
}
