/** What the company is called, where it is, in which zone its clocks run and how it is reached. */

import { z } from "zod";
import { Field } from "@/ui/Field";
import { Pane } from "@/ui/Page";
import { phone } from "@/ui/phone";
import { Select } from "@/ui/Select";
import { needed, words } from "../entering";
import type { Edited } from "../SettingsList";
import { ZONES } from "../time/zones";
import { Logo } from "./Logo";
import { type Organisation, OrganisationPart } from "./organisation";

const text = z.string().trim();
const degrees = (most: number) =>
  z
    .string()
    .trim()
    .refine(
      (value) => value === "" || Math.abs(Number(value)) <= most,
      `Type degrees from -${most} to ${most}.`,
    )
    .transform((value) => (value === "" ? null : Number(value)));

const Entered = z.object({
  name: needed("Type the company's name."),
  legal_name: words,
  street: text,
  city: text,
  region: text,
  postal_code: text,
  country: text.toUpperCase().regex(/^[A-Z]{2}$/, "Type the country's two letters, such as US."),
  phone: words,
  email: words,
  website: words,
  time_zone: z.string().min(1),
  currency: z.string().min(1),
  locale: z.string().min(1),
  base_latitude: degrees(90),
  base_longitude: degrees(180),
});
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const typed = (of: Organisation): Typed => ({
  name: of.name,
  legal_name: of.legal_name ?? "",
  street: of.street,
  city: of.city,
  region: of.region,
  postal_code: of.postal_code,
  country: of.country,
  phone: of.phone ? phone(of.phone) : "",
  email: of.email ?? "",
  website: of.website ?? "",
  time_zone: of.time_zone,
  currency: of.currency,
  locale: of.locale,
  base_latitude: of.base_latitude?.toString() ?? "",
  base_longitude: of.base_longitude?.toString() ?? "",
});

const named = (kind: "currency" | "language") => new Intl.DisplayNames(undefined, { type: kind });
const CURRENCIES = Intl.supportedValuesOf("currency").map((value) => ({
  value,
  text: `${value} · ${named("currency").of(value) ?? value}`,
}));
const LOCALES = [
  "en_US",
  "en_CA",
  "en_GB",
  "en_AU",
  "en_NZ",
  "en_IE",
  "fr_CA",
  "fr_FR",
  "es_US",
  "es_MX",
  "es_ES",
  "de_DE",
  "de_AT",
  "de_CH",
  "nl_NL",
  "it_IT",
  "pt_BR",
];

/** All that can be chosen, with what is there even where it is another. */
const withOwn = (all: readonly { value: string; text: string }[], own: string) =>
  all.some((one) => one.value === own) ? all : [{ value: own, text: own }, ...all];
const locales = (own: string) =>
  withOwn(
    LOCALES.map((value) => ({ value, text: named("language").of(value.replace("_", "-")) ?? value })),
    own,
  );

export default function Company() {
  return (
    <OrganisationPart
      title="Company"
      about="What documents, mails and pages say of you."
      schema={Entered}
      typed={typed}
      beside={(of) => <Logo organisation={of} />}
      fields={(editing, of) => <Fields editing={editing} of={of} />}
    />
  );
}

function Fields({ editing: { bind }, of }: { editing: Edited<Typed, Entered>; of: Organisation }) {
  return (
    <>
      <Pane title="Name and address">
        <div className="grid grid-cols-6 gap-3">
          <Field
            className="col-span-3 max-sm:col-span-6"
            label="Name"
            autoComplete="organization"
            {...bind("name")}
          />
          <Field
            className="col-span-3 max-sm:col-span-6"
            label="Legal name (optional)"
            hint="On documents, where it is another."
            autoComplete="off"
            {...bind("legal_name")}
          />
          <Field className="col-span-6" label="Street" autoComplete="street-address" {...bind("street")} />
          <Field className="col-span-2 max-sm:col-span-6" label="City" {...bind("city")} />
          <Field className="col-span-1 max-sm:col-span-2" label="State" {...bind("region")} />
          <Field className="col-span-2" label="Postal code" {...bind("postal_code")} />
          <Field
            className="col-span-1 max-sm:col-span-2"
            label="Country"
            maxLength={2}
            {...bind("country")}
          />
        </div>
      </Pane>
      <Pane title="How you are reached">
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          <Field label="Phone" type="tel" {...bind("phone")} />
          <Field label="E-mail" type="email" {...bind("email")} />
          <Field label="Website" {...bind("website")} />
        </div>
      </Pane>
      <Pane title="Clocks and amounts">
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          <Select
            label="Time zone"
            choices={withOwn(ZONES, of.time_zone)}
            hint="Of days and boards, where a branch has no other."
            {...bind("time_zone")}
          />
          <Select
            label="Currency"
            choices={withOwn(CURRENCIES, of.currency)}
            hint="Stays once an invoice was issued."
            {...bind("currency")}
          />
          <Select
            label="Language of documents"
            choices={locales(of.locale)}
            hint="How dates and amounts are written."
            {...bind("locale")}
          />
        </div>
      </Pane>
      <Pane title="Where days begin">
        <p className="mb-3 text-muted">
          Driving is reckoned from here for technicians who have no base of their own.
        </p>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Latitude" inputMode="decimal" placeholder="30.2672" {...bind("base_latitude")} />
          <Field label="Longitude" inputMode="decimal" placeholder="-97.7431" {...bind("base_longitude")} />
        </div>
      </Pane>
    </>
  );
}
