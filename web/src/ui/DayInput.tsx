/** A day that stands in the address. It can be typed: what is typed stays while the address follows a moment
 * later, and a year of which two figures are there is no day yet. */

import { type InputHTMLAttributes, useEffect, useRef, useState } from "react";
import { INPUT } from "./Labelled";

interface Props extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "type"> {
  /** `2026-11-23`, or nothing. */
  value: string;
  onDay: (day: string) => void;
}

const EARLIEST = "1900";

export function DayInput({ value, onDay, ...rest }: Props) {
  const element = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (document.activeElement !== element.current) setTyped(value);
  }, [value]);
  return (
    <input
      className={INPUT}
      {...rest}
      ref={element}
      type="date"
      value={typed}
      onBlur={() => setTyped(value)}
      onChange={({ target }) => {
        setTyped(target.value);
        if (target.value > EARLIEST) onDay(target.value);
      }}
    />
  );
}
