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

  root.addEventListener("pointerdown", ears.down);
  root.addEventListener("pointermove", ears.move);
  root.addEventListener("pointerup", up);
  root.addEventListener("pointercancel", ears.lost);
  root.addEventListener("click", click, true);
  root.addEventListener("focusout", ears.left);
  window.addEventListener("keydown", ears.keys, true);
  return () => {
    ears.lost();
    root.removeEventListener("pointerdown", ears.down);
    root.removeEventListener("pointermove", ears.move);
    root.removeEventListener("pointerup", up);
    root.removeEventListener("pointercancel", ears.lost);
    root.removeEventListener("click", click, true);
    root.removeEventListener("focusout", ears.left);
    window.removeEventListener("keydown", ears.keys, true);
  };
}
