/** Listening on what holds the board, for whatever is picked up there: by a pointer, and let go by Esc or by leaving. */

export interface Ears {
  down: (event: PointerEvent) => void;
  move: (event: PointerEvent) => void;
  up: (event: PointerEvent) => void;
  /** The press came to nothing: what it held stays where it was. */
  lost: () => void;
  /** The focus leaves something. */
  left: (event: FocusEvent) => void;
  /** Before anybody else hears of it. */
  keys: (event: KeyboardEvent) => void;
}

/** Listen; returns how to end it. A click that only ends a press which held something is heard by nobody. */
export function listening(root: HTMLElement, ears: Ears, held: () => boolean): () => void {
  let justHeld = false;

  function up(event: PointerEvent): void {
    if (held()) {
      justHeld = true;
      setTimeout(() => {
        justHeld = false;
      });
    }
    ears.up(event);
  }

  function click(event: MouseEvent): void {
    if (justHeld) event.stopPropagation();
  }

  const over = new AbortController();
  const { signal } = over;
  const first = { signal, capture: true };
  root.addEventListener("pointerdown", ears.down, { signal });
  root.addEventListener("pointermove", ears.move, { signal });
  root.addEventListener("pointerup", up, { signal });
  root.addEventListener("pointercancel", ears.lost, { signal });
  root.addEventListener("click", click, first);
  root.addEventListener("focusout", ears.left, { signal });
  window.addEventListener("keydown", ears.keys, first);
  return () => {
    ears.lost();
    over.abort();
  };
}
