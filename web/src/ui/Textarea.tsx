/** Several lines of text, with a name, a hint and what is wrong with it. */

import type { TextareaHTMLAttributes } from "react";
import { cx } from "./cx";
import { INPUT, Labelled, type LabelledProps } from "./Labelled";

export type TextareaProps = TextareaHTMLAttributes<HTMLTextAreaElement> & LabelledProps;

export function Textarea({ label, hint, error, quiet, className, id, rows = 3, ...rest }: TextareaProps) {
  return (
    <Labelled {...{ label, hint, error, quiet, className, id }}>
      {(tied) => (
        <textarea
          {...rest}
          {...tied}
          rows={rows}
          className={cx(INPUT, "field-sizing-content h-auto! min-h-16 resize-y py-1")}
        />
      )}
    </Labelled>
  );
}
