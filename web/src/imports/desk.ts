/** What is on its way out of the cells of a list: typed and not sent yet, or sent and not answered. */

export interface Typed {
  text: string;
  /** The cell, in words. */
  label: string;
  sent: boolean;
}

export class Desk {
  /** By line: a line that is scrolled away is not in the document. */
  readonly drafts = new Map<string, Typed>();
  private readonly sending = new Map<string, Promise<unknown>>();

  /** Do this to a row after what was done to it before. */
  inTurn(row: string, work: () => Promise<void>): Promise<void> {
    const before = this.sending.get(row) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.sending.set(row, mine);
    return mine;
  }

  /** A row has no cells to be typed into any more. */
  drop(row: string): void {
    for (const key of this.drafts.keys()) if (key.startsWith(row)) this.drafts.delete(key);
  }

  /** Everything was answered. Throws while something that was typed is not kept. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.sending.values());
    const [left] = this.drafts.values();
    if (left) {
      throw new Error(
        `What was typed into “${left.label}” is not saved. Press Enter in it to save it, or Escape to drop it.`,
      );
    }
  }
}
