/** A customer on the way: name, number and where the work is. Both records are made one after the
 * other; a second try goes on where the first one stopped. */

import { zodResolver } from "@hookform/resolvers/zod";
import { TriangleAlert } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { z } from "zod";
import { api, ask, given, Problem, type Schemas, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { useAlike } from "./calling";

const Entered = z.object({
  phone: z.string().trim().min(1, "Type the number they call from."),
  name: z.string().trim().min(1, "Type their name."),
  street: z.string().trim().min(1, "Type the street and number."),
  postal_code: z.string().trim().min(1, "Type the postal code: the city follows from it."),
  unit: z.string().trim(),
});
type Entered = z.infer<typeof Entered>;
type Customer = Schemas["CustomerOut"];

/** What was typed in the box above is a number, a name, or the beginning of a street. */
export function meant(typed: string): Partial<Entered> {
  const text = typed.trim();
  if (text.replace(/\D/g, "").length >= 5 && /^[\d\s()+.-]+$/.test(text)) return { phone: text };
  return /^\d/.test(text) ? { street: text } : { name: text };
}

interface Props {
  typed: string;
  onMade: (customerId: string, siteId: string) => void;
  /** It is one of those that are like them. */
  onOther: (customerId: string) => void;
  onCancel: () => void;
}

export function NewCaller({ typed, onMade, onOther, onCancel }: Props) {
  const form = useForm<Entered>({
    resolver: zodResolver(Entered),
    defaultValues: { phone: "", name: "", street: "", postal_code: "", unit: "", ...meant(typed) },
  });
  const { errors, isSubmitting, isDirty } = form.formState;
  const [problem, setProblem] = useState<string | null>(null);
  const keyOf = useKeys();
  // who was saved before the site was refused is changed, not made again
  const made = useRef<Customer | null>(null);
  const [leaving, setLeaving] = useState(false);
  /** Whoever was saved already is there: the call goes on with them, and their site can be added. */
  const back = () => (made.current ? onOther(made.current.id) : onCancel());
  const who = form.watch();
  const settled = useSettled(who, 250);
  const alike = useAlike({
    name: settled.name,
    phone: settled.phone,
    address: [settled.street, settled.postal_code].filter(Boolean).join(" "),
  });

  useEffect(() => form.setFocus(meant(typed).phone ? "name" : "phone"), [form, typed]);

  const save = form.handleSubmit(async (entered) => {
    setProblem(null);
    const { name, phone } = entered;
    try {
      const before = made.current;
      if (before === null) {
        const body = { kind: "person", stage: "active", tax_exempt: false, name, phone } as const;
        made.current = await ask(api.POST("/api/v2/customers", { body, headers: keyOf(body) }));
      } else {
        made.current = await corrected(before, { name, phone });
      }
      const body = {
        customer_id: made.current.id,
        street: entered.street,
        postal_code: entered.postal_code,
        ...given({ unit: entered.unit }),
      };
      const site = await ask(api.POST("/api/v2/sites", { body, headers: keyOf(body) }));
      onMade(made.current.id, site.id);
    } catch (error) {
      if (!(error instanceof Problem)) return setProblem((error as Error).message);
      const named = error.faults.filter((one) => one.pointer && one.pointer.slice(1) in entered);
      for (const one of named) form.setError(one.pointer?.slice(1) as keyof Entered, { message: one.detail });
      if (named.length === 0) setProblem(error.message);
    }
  });

  return (
    <form
      noValidate
      aria-label="New customer"
      className="rounded-lg border border-line bg-surface p-4"
      onSubmit={(event) => void save(event)}
      onChange={() => setLeaving(false)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        if (!isDirty || leaving) back();
        else setLeaving(true);
      }}
    >
      <h2 className="font-semibold text-lg">New customer</h2>
      <div className="mt-3 grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Field
          label="Phone"
          type="tel"
          autoComplete="off"
          error={errors.phone?.message}
          {...form.register("phone")}
        />
        <Field label="Name" autoComplete="off" error={errors.name?.message} {...form.register("name")} />
        <Field
          label="Street and number"
          autoComplete="off"
          error={errors.street?.message}
          {...form.register("street")}
        />
        <div className="grid grid-cols-2 gap-3">
          <Field
            label="Postal code"
            autoComplete="off"
            error={errors.postal_code?.message}
            {...form.register("postal_code")}
          />
          <Field label="Unit (optional)" autoComplete="off" {...form.register("unit")} />
        </div>
      </div>
      {(alike.data?.length ?? 0) > 0 && (
        <div role="status" className="mt-3 rounded-md border border-line bg-warn-wash p-3">
          <p className="flex items-center gap-2 font-medium text-warn">
            <TriangleAlert aria-hidden size={16} /> They may be here already
          </p>
          <ul className="mt-2 flex flex-col gap-1">
            {alike.data?.slice(0, 3).map((one) => (
              <li key={one.id} className="flex items-center justify-between gap-3">
                <span className="min-w-0 truncate">
                  <span className="font-medium">{one.name}</span>{" "}
                  <span className="text-muted">{one.reasons.join(", ")}</span>
                </span>
                <Button onClick={() => onOther(one.id)}>This is them</Button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {problem && (
        <p role="alert" className="mt-3 text-danger">
          {problem}
        </p>
      )}
      <div className="mt-4 flex gap-2">
        <Button look="primary" type="submit" busy={isSubmitting}>
          Save and find a time
        </Button>
        <Button look="plain" onClick={back}>
          Back
        </Button>
        {leaving && (
          <p role="status" className="self-center text-muted">
            Esc once more leaves, and what you typed is gone.
          </p>
        )}
      </div>
    </form>
  );
}

/**
 * Who was saved already, with what was typed differently since. A reply that was lost has changed them all the same:
 * the present record is what the next try begins with. Raises `Problem`.
 */
async function corrected(before: Customer, typed: { name: string; phone: string }): Promise<Customer> {
  const sent = (one: Customer, body: object) =>
    ask(
      api.PATCH("/api/v2/customers/{id}", {
        params: { path: { id: one.id }, header: seen(one.version) },
        body,
      }),
    );
  const fresh = (one: Customer) => ({
    ...(typed.name === one.name ? {} : { name: typed.name }),
    ...(digits(typed.phone) === digits(one.phone ?? "") ? {} : { phone: typed.phone }),
  });
  const changes = fresh(before);
  if (!Object.keys(changes).length) return before;
  try {
    return await sent(before, changes);
  } catch (error) {
    const now =
      error instanceof Problem && error.status === 412 && (error.body.current as Customer | undefined);
    if (!now) throw error;
    const left = fresh(now);
    return Object.keys(left).length ? sent(now, left) : now;
  }
}

/** As the server keeps a number, "+13125550140", or as somebody types it. */
const digits = (phone: string): string => phone.replace(/\D/g, "").replace(/^1(?=\d{10}$)/, "");

/** What it was when nobody had typed for so many milliseconds. */
function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as T), wait);
    return () => clearTimeout(timer);
  }, [text, wait]);
  return settled;
}
