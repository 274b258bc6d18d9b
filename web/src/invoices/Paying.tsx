/** Money came in: how much, how, when. The amount offered is what is owed. */

import { useId } from "react";
import type { Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { major, minor } from "./amounts";

type Draft = Schemas["PaymentDraft"];
const METHODS = [
  { value: "check", text: "Check" },
  { value: "cash", text: "Cash" },
  { value: "card", text: "Card" },
  { value: "bank_transfer", text: "Bank transfer" },
  { value: "other", text: "Other" },
];

interface Props {
  open: boolean;
  invoice: Schemas["InvoiceOut"];
  onClose: () => void;
  pay: (draft: Draft) => Promise<void>;
}

export function Paying({ open, invoice, onClose, pay }: Props) {
  const id = useId();
  const sent = useSubmit(["amount", "method", "received_on", "reference"], (form) => {
    const received = String(form.get("received_on") ?? "");
    const reference = String(form.get("reference") ?? "").trim();
    return pay({
      amount: minor(String(form.get("amount")), invoice.currency),
      method: form.get("method") as Draft["method"],
      ...(received ? { received_on: received } : {}),
      ...(reference ? { reference } : {}),
    });
  });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Record a payment"
      about={`On ${invoice.number}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={id} busy={sent.busy}>
            Record
          </Button>
        </>
      }
    >
      <form id={id} {...sent.form} className="flex flex-col gap-3">
        <Field
          label={`Amount (${invoice.currency})`}
          name="amount"
          inputMode="decimal"
          required
          defaultValue={major(invoice.balance, invoice.currency)}
          error={sent.fault("amount")}
        />
        <Select label="How" name="method" choices={METHODS} error={sent.fault("method")} />
        <Field
          label="Received on (empty: today)"
          name="received_on"
          type="date"
          error={sent.fault("received_on")}
        />
        <Field
          label="Reference (optional)"
          name="reference"
          maxLength={200}
          error={sent.fault("reference")}
        />
        <Wrong>{sent.beside}</Wrong>
      </form>
    </Dialog>
  );
}
