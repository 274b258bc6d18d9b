/** A form over the page: a dialog that adds, a drawer that changes. It closes without asking only when told to;
 * what was refused stands at its field, or above the buttons. */

import { type ReactNode, useId } from "react";
import { Button } from "./Button";
import { Dialog, Drawer } from "./Dialog";
import { Wrong } from "./Wrong";

interface Props {
  /** What `useEditing` gave. */
  editing: { onSubmit: (event: React.FormEvent) => void; busy: boolean; problem: string | null };
  onClose: () => void;
  title: string;
  about?: ReactNode;
  /** The words on its button: "Save", "Add site". */
  verb: string;
  children: ReactNode;
  /** In a drawer beside the page: for what is there and is changed. */
  beside?: boolean;
  wide?: boolean;
  /** What else can be done to it, at the other end of the buttons. */
  other?: ReactNode;
}

export function EditingLayer(props: Props) {
  const { editing, onClose, title, about, verb, children, beside, wide, other } = props;
  const form = useId();
  const Layer = beside ? Drawer : Dialog;
  return (
    <Layer
      open
      onClose={onClose}
      title={title}
      about={about}
      wide={wide ?? false}
      actions={
        <>
          {other && <span className="mr-auto flex gap-2">{other}</span>}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} busy={editing.busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        {children}
        <Wrong>{editing.problem}</Wrong>
      </form>
    </Layer>
  );
}
