/** A form over the page: a dialog that adds, a drawer that changes. What was refused stands at its field or above
 * the buttons, and what was typed is not lost without asking. */

import { type ReactNode, useId } from "react";
import { Alike, type AlikeProps } from "./Alike";
import { Button } from "./Button";
import { Dialog, Drawer } from "./Dialog";
import { useUnsaved } from "./useUnsaved";
import { Wrong } from "./Wrong";

interface Props {
  /** What `useEditing` gave. */
  editing: {
    onSubmit: (event: React.FormEvent) => void;
    busy: boolean;
    problem: string | null;
    form: { formState: { isDirty: boolean } };
  };
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
  /** What may be here already. Whoever takes one in place of what was typed says when that is given up: once it
   * worked, or before they lead elsewhere. */
  alike?: Omit<AlikeProps, "onChoose"> & { onChoose: (id: string, giveUp: () => void) => void };
}

export function EditingLayer(props: Props) {
  const { editing, onClose, title, about, verb, children, beside, wide, other, alike } = props;
  const form = useId();
  // while it is being saved nothing is lost, whatever follows
  const unsaved = useUnsaved(editing.form.formState.isDirty && !editing.busy);
  const close = () => unsaved.leave(onClose);
  const Layer = beside ? Drawer : Dialog;
  return (
    <Layer
      open
      onClose={close}
      title={title}
      about={about}
      wide={wide ?? false}
      actions={
        <>
          {other && <span className="mr-auto flex gap-2">{other}</span>}
          <Button onClick={close}>Cancel</Button>
          <Button look="primary" type="submit" form={form} busy={editing.busy}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-3">
        {alike && <Alike {...alike} onChoose={(id) => alike.onChoose(id, unsaved.let)} />}
        {children}
        <Wrong>{editing.problem}</Wrong>
      </form>
      {unsaved.dialog}
    </Layer>
  );
}
