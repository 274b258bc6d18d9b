/** Somebody calls who speaks for several customers: for which of them is asked, never guessed. */

import { Building2 } from "lucide-react";
import type { Contact } from "@/customers/contacts";
import { words } from "@/ui/Status";

interface Props {
  contact: Contact;
  onChoose: (customerId: string) => void;
}

export function Whose({ contact, onChoose }: Props) {
  return (
    <section
      aria-label="For whom they call"
      className="rounded-lg border border-line bg-surface p-4"
      // the key that chose the contact is still down
      onKeyDown={(event) => event.repeat && event.key === "Enter" && event.preventDefault()}
    >
      <h2 className="font-semibold text-lg">{contact.name} calls for</h2>
      <div className="mt-2 flex max-h-80 flex-col gap-2 overflow-auto">
        {contact.customers.map(({ customer, roles }, index) => (
          <button
            key={customer.id}
            type="button"
            // biome-ignore lint/a11y/noAutofocus: it is what is asked next
            autoFocus={index === 0}
            className="flex min-h-row items-center gap-3 rounded-md border border-line px-3 py-2 text-left hover:border-accent hover:bg-accent-wash focus-visible:border-accent"
            onClick={() => onChoose(customer.id)}
          >
            <Building2 aria-hidden size={16} className="shrink-0 text-muted" />
            <span className="truncate font-medium">{customer.name}</span>
            <span className="ml-auto shrink-0 text-muted text-sm">
              {roles.map((role) => words(role)).join(", ")}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}
