/** A contact's form: who they are, what they are for this customer, and what they want to be told by which
 * channel. Whoever has the number or the address already is named first. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { api, ask, given } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Checkbox } from "@/ui/Checkbox";
import { useSettled } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { EditingLayer } from "@/ui/EditingLayer";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Skeleton } from "@/ui/Skeleton";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import {
  again,
  CHANNELS,
  type Contact,
  change,
  Entered,
  link,
  NOTICES,
  ROLE_CHOICES,
  readContact,
  type Typed,
  typed,
} from "./contacts";
import type { Customer } from "./customers";

type Form = Pick<ReturnType<typeof useEditing<Typed, Entered>>, "bind" | "form" | "wrong">;

const TWO = "grid grid-cols-2 gap-3 max-sm:grid-cols-1";

function Fields({ bind, form, wrong }: Form) {
  const field = (name: "name" | "title" | "phone" | "mobile" | "email") => ({
    ...form.register(name),
    error: wrong(name),
    autoComplete: "off",
  });
  return (
    <>
      <div className={TWO}>
        <Field label="Name" {...field("name")} />
        <Field label="Title" {...field("title")} />
        <Field label="Phone" type="tel" {...field("phone")} />
        <Field label="Mobile" type="tel" hint="Texts go here." {...field("mobile")} />
      </div>
      <Field label="E-mail" type="email" {...field("email")} />
      <fieldset>
        <legend className="mb-1 font-medium">What they are for this customer</legend>
        <div className="grid grid-cols-2 gap-x-3">
          {ROLE_CHOICES.map(({ value, text }) => (
            <Checkbox key={value} label={text} value={value} {...form.register("roles")} />
          ))}
        </div>
        {wrong("roles") && <p className="text-danger text-sm">{wrong("roles")}</p>}
      </fieldset>
      <Checkbox
        label="Call them first"
        hint="Takes the place of whoever was called first before."
        {...bind("is_primary")}
      />
      <fieldset>
        <legend className="mb-1 font-medium">What they want to be told</legend>
        <table className="w-full">
          <thead>
            <tr className="text-left text-muted text-sm">
              <th className="font-medium">Of</th>
              {CHANNELS.map(({ value, text }) => (
                <th key={value} className="w-24 font-medium">
                  {text}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {NOTICES.map((notice) => (
              <tr key={notice.value}>
                <th scope="row" className="py-1 text-left font-normal">
                  {notice.text}
                  {wrong(`notifications.${notice.value}`) && (
                    <span className="block text-danger text-sm">
                      {wrong(`notifications.${notice.value}`)}
                    </span>
                  )}
                </th>
                {CHANNELS.map((channel) => (
                  <td key={channel.value}>
                    <Checkbox
                      label={<span className="sr-only">{`${notice.text} by ${channel.text}`}</span>}
                      value={channel.value}
                      {...form.register(`notifications.${notice.value}`)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </fieldset>
      <Textarea label="Notes" {...bind("notes")} />
    </>
  );
}

/** Contacts with this number or this address. */
function useReached(phone: string, email: string) {
  const how = useSettled(JSON.stringify([phone.trim(), email.trim()]), 250);
  const [number, address] = JSON.parse(how) as [string, string];
  return useQuery({
    queryKey: ["contacts", "alike", number, address],
    enabled: number.length > 6 || address.includes("@"),
    placeholderData: keepPreviousData,
    retry: false,
    queryFn: async () => {
      const by = (query: { phone?: string; email?: string }) =>
        // half a number is no number yet: nobody has it
        ask(api.GET("/api/v2/contacts", { params: { query: { ...query, limit: 3 } } })).then(
          (page) => page.data,
          () => [] as Contact[],
        );
      const found = await Promise.all([
        number.length > 6 ? by({ phone: number }) : [],
        address.includes("@") ? by({ email: address }) : [],
      ]);
      return [...new Map(found.flat().map((one) => [one.id, one])).values()].slice(0, 3);
    },
  });
}

export function NewContact({
  customer,
  first,
  onClose,
}: {
  customer: Customer;
  /** Whether they are the only one. */
  first: boolean;
  onClose: () => void;
}) {
  const keyOf = useKeys();
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(null, customer.id, first),
    send: async ({ roles, is_primary, name, notifications, ...rest }) => {
      const customers = [{ customer_id: customer.id, roles, is_primary }];
      const body = { ...given(rest), name, notifications, customers };
      await ask(api.POST("/api/v2/contacts", { body, headers: keyOf(body) }));
      await again();
      onClose();
    },
  });
  const [phone, mobile, email] = editing.form.watch(["phone", "mobile", "email"]);
  const there = useReached(mobile || phone, email);

  async function same(id: string, giveUp: () => void) {
    try {
      const { roles, is_primary } = editing.form.getValues();
      await link(id, customer.id, { roles, is_primary });
      giveUp();
      await again();
      onClose();
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <EditingLayer
      editing={editing}
      onClose={onClose}
      title="New contact"
      about={customer.name}
      verb="Add contact"
      alike={{
        words: "They may be here already",
        choose: "This is them",
        they: (there.data ?? []).map((one) => ({
          id: one.id,
          name: one.name,
          about: (
            <span className="text-muted">
              {one.customers.map(({ customer: { name } }) => name).join(", ")}
            </span>
          ),
        })),
        onChoose: (id, giveUp) => void same(id, giveUp),
      }}
    >
      <Fields {...editing} />
    </EditingLayer>
  );
}

interface Edit {
  id: string;
  customer: Customer;
  onClose: () => void;
}

/** Reads all that is known of them first: the customer's page has only a part of it. */
export function EditContact(props: Edit) {
  const asked = useQuery({
    queryKey: ["contacts", props.id],
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    queryFn: () => readContact(props.id),
  });
  if (asked.data) return <Change {...props} contact={asked.data} />;
  return (
    <Dialog open onClose={props.onClose} title="Edit contact">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={6} label="Reading the contact" />
      )}
    </Dialog>
  );
}

function Change({ contact, customer, onClose }: Edit & { contact: Contact }) {
  const from = useRef(contact);
  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(contact, customer.id),
    send: async ({ roles, is_primary }, changed) => {
      const { roles: _, is_primary: __, ...body } = changed;
      if (Object.keys(body).length > 0) {
        from.current = await change(contact.id, from.current.version, body);
      }
      if ("roles" in changed || "is_primary" in changed) {
        await link(contact.id, customer.id, { roles, is_primary });
      }
      await again();
      onClose();
    },
    reread: (current) => {
      from.current = current as Contact;
      return typed(from.current, customer.id);
    },
  });
  return (
    <EditingLayer
      beside
      editing={editing}
      onClose={onClose}
      title={`Edit ${contact.name}`}
      about={customer.name}
      verb="Save"
    >
      <Fields {...editing} />
    </EditingLayer>
  );
}
