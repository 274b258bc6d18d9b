/** A labelled input with its hint and what is wrong with it; the error names the field and the fix. */

import type { InputHTMLAttributes } from "react";
import { INPUT, Labelled, type LabelledProps } from "./Labelled";

export { INPUT };

export type FieldProps = InputHTMLAttributes<HTMLInputElement> & LabelledProps;

export function Field({ label, hint, error, quiet, className, id, ...rest }: FieldProps) {
  return (
    <Labelled {...{ label, hint, error, quiet, className, id }}>
      {(tied) => <input {...rest} {...tied} className={INPUT} />}
    </Labelled>
  );
}
