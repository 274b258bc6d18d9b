/** One of many, searched for as one types. What is shown is asked of the server, or chosen from a list. */

import { keepPreviousData, type QueryKey, useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { Popover } from "radix-ui";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { cx } from "./cx";
import { INPUT, Labelled, type LabelledProps } from "./Labelled";

export interface Option {
  id: string;
  text: string;
  /** What tells it from others of the same name. */
  detail?: ReactNode;
}

export interface ComboboxProps<T extends Option> extends LabelledProps {
  value: T | null;
  onChange: (value: T | null) => void;
  /** What may be chosen when `typed` stands in the box ("" when nothing does). */
  load: (typed: string, signal: AbortSignal) => Promise<T[]>;
  /** Names what is loaded, as in react-query; what was typed is added. */
  queryKey: QueryKey;
  placeholder?: string;
  /** What is said when nothing is found. */
  nothing?: (typed: string) => string;
  /** Offers to make what was typed: a last line, chosen like any other. */
  make?: { text: (typed: string) => string; do: (typed: string) => void };
  disabled?: boolean;
  required?: boolean;
  autoFocus?: boolean;
  id?: string;
}

const PAUSE = 120;

/** What was said last, once nothing else was said for a moment. */
export function useSettled<T>(value: T, after = PAUSE): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}

export function Combobox<T extends Option>(props: ComboboxProps<T>) {
  const { label, hint, error, quiet, className, id, value, onChange, load, queryKey, make } = props;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [moved, setAt] = useState(0);
  const [hurried, setHurried] = useState(false);
  const asked = useSettled((typed ?? "").trim());
  const list = useId();
  const box = useRef<HTMLInputElement>(null);
  const found = useQuery({
    queryKey: [...queryKey, asked],
    queryFn: ({ signal }) => load(asked, signal),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  const options = found.data ?? [];
  const canMake = make !== undefined && asked !== "";
  const lines = options.length + (canMake ? 1 : 0);

  // the list may have become shorter since
  const at = moved < lines ? moved : 0;
  const settled = lines > 0 && asked === (typed ?? "").trim() && !found.isPlaceholderData;

  // Enter before the list had come: the best of it is chosen once it is there
  const chooses = useRef(choose);
  chooses.current = choose;
  useEffect(() => {
    if (hurried && settled) chooses.current(0);
  }, [hurried, settled]);

  function close() {
    setHurried(false);
    setOpen(false);
    setTyped(null);
    setAt(0);
  }

  function choose(line: number) {
    const option = options[line];
    if (option) onChange(option);
    else if (make && canMake) make.do(asked);
    close();
  }

  /** As it is pressed, for the line may be another one, or elsewhere, by the time it is let go: answers come in. A
   * click alone is what helpers that read the screen send. The box keeps the focus, whose loss closes the list. */
  function take(event: MouseEvent, line: number) {
    event.preventDefault();
    if (event.button === 0) choose(line);
  }

  function press(event: KeyboardEvent) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) setOpen(true);
      else if (lines) setAt((at + (event.key === "ArrowDown" ? 1 : lines - 1)) % lines);
    } else if (event.key === "Enter" && open) {
      event.preventDefault(); // it chooses, and does not send the form as well
      if (settled) choose(at);
      else setHurried(true);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      close();
    }
  }

  return (
    <Labelled {...{ label, hint, error, quiet, className, id }}>
      {(tied) => (
        <Popover.Root open={open} onOpenChange={(now) => !now && close()}>
          <Popover.Anchor asChild>
            <span className="relative block">
              <input
                {...tied}
                ref={box}
                type="text"
                role="combobox"
                autoComplete="off"
                spellCheck={false}
                aria-expanded={open}
                aria-controls={open ? list : undefined}
                aria-autocomplete="list"
                aria-activedescendant={open && at < lines ? `${list}-${at}` : undefined}
                aria-required={props.required}
                // biome-ignore lint/a11y/noAutofocus: a dialog names the field that one begins with
                autoFocus={props.autoFocus}
                disabled={props.disabled}
                placeholder={props.placeholder}
                value={typed ?? value?.text ?? ""}
                className={cx(INPUT, value && "pr-7")}
                onChange={(event) => {
                  setTyped(event.target.value);
                  setHurried(false);
                  setOpen(true);
                  setAt(0);
                }}
                onFocus={(event) => event.target.select()}
                onClick={() => setOpen(true)}
                onKeyDown={press}
                onBlur={close}
              />
              {value && !props.disabled && (
                <button
                  type="button"
                  aria-label={`Clear ${label.toLowerCase()}`}
                  className="absolute top-0 right-0 grid h-full w-7 place-items-center text-muted hover:text-ink"
                  onClick={() => {
                    onChange(null);
                    box.current?.focus();
                  }}
                >
                  <X aria-hidden className="size-3.5" />
                </button>
              )}
            </span>
          </Popover.Anchor>
          <Popover.Portal>
            <Popover.Content
              role="presentation"
              align="start"
              sideOffset={4}
              onOpenAutoFocus={(event) => event.preventDefault()}
              onCloseAutoFocus={(event) => event.preventDefault()}
              onInteractOutside={(event) => event.target === box.current && event.preventDefault()}
              className="z-50 max-h-72 w-(--radix-popover-trigger-width) min-w-56 overflow-auto rounded-md border border-line bg-raised p-1 shadow-float"
            >
              <div id={list} role="listbox" aria-label={label}>
                {options.map((option, line) => (
                  // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus and names the active line
                  // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the box's
                  <div
                    key={option.id}
                    id={`${list}-${line}`}
                    role="option"
                    aria-selected={line === at}
                    className="flex min-h-8 cursor-pointer items-center gap-2 rounded px-2 py-1 aria-selected:bg-accent-wash"
                    onMouseMove={() => setAt(line)}
                    onMouseDown={(event) => take(event, line)}
                    onClick={() => choose(line)}
                  >
                    <span className="min-w-0 flex-1">
                      <span className="block truncate">{option.text}</span>
                      {option.detail && (
                        <span className="block truncate text-muted text-sm">{option.detail}</span>
                      )}
                    </span>
                    {option.id === value?.id && <Check aria-label="chosen" className="size-3.5" />}
                  </div>
                ))}
                {canMake && (
                  // biome-ignore lint/a11y/useFocusableInteractive: as above
                  // biome-ignore lint/a11y/useKeyWithClickEvents: as above
                  <div
                    id={`${list}-${options.length}`}
                    role="option"
                    aria-selected={at === options.length}
                    className="min-h-8 cursor-pointer rounded px-2 py-1.5 text-accent aria-selected:bg-accent-wash"
                    onMouseMove={() => setAt(options.length)}
                    onMouseDown={(event) => take(event, options.length)}
                    onClick={() => choose(options.length)}
                  >
                    {make.text(asked)}
                  </div>
                )}
              </div>
              {!lines && (
                <p className="px-2 py-1.5 text-muted">
                  {found.error
                    ? found.error.message
                    : found.isPending
                      ? "Searching…"
                      : (props.nothing?.(asked) ??
                        (asked ? `Nothing matches “${asked}”.` : "Nothing to choose yet."))}
                </p>
              )}
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      )}
    </Labelled>
  );
}
