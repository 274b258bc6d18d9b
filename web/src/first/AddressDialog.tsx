/** Where the company is: what stands on its papers, where days begin, and by which clock. */

import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, ask, Problem, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { useSettled } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { useOrganisation } from "./steps";

type Settings = Schemas["SettingsOut"];

const ZONES = Intl.supportedValuesOf("timeZone").map((value) => ({
  value,
  text: value.replaceAll("_", " "),
}));
const NAMES = ["street", "postal_code", "city", "region", "time_zone"] as const;

export function AddressDialog({ onClose }: { onClose: () => void }) {
  const asked = useOrganisation();
  // as it was when one began to type
  const first = useRef<Settings | null>(null);
  first.current ??= asked.data ?? null;
  if (first.current) return <Form of={first.current} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="Where the company is">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={5} label="Reading the settings" />
      )}
    </Dialog>
  );
}

/** What a postal code tells; null where it tells nothing. */
function usePlace(code: string, country: string) {
  return useQuery({
    queryKey: ["postal-codes", country, code],
    enabled: country === "US" && /^\d{5}/.test(code),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      try {
        return await ask(
          api.GET("/api/v2/postal-codes", { params: { query: { postal_code: code, country } } }),
        );
      } catch (error) {
        if (error instanceof Problem && error.status < 500) return null;
        throw error;
      }
    },
  });
}

function Form({ of, onClose }: { of: Settings; onClose: () => void }) {
  const version = useRef(of.version);
  const [typed, setTyped] = useState<Partial<Record<(typeof NAMES)[number], string>>>({});
  const code = useSettled((typed.postal_code ?? of.postal_code).trim(), 200);
  const place = usePlace(code, of.country).data ?? null;
  // what the postal code tells stands where nobody has typed
  const told = { city: place?.city, region: place?.region, time_zone: place?.time_zone ?? undefined };
  const value = (name: (typeof NAMES)[number]): string =>
    typed[name] ??
    (name in told && typed.postal_code !== undefined ? told[name as keyof typeof told] : undefined) ??
    of[name];

  const sending = useSubmit(NAMES, async () => {
    const body: Schemas["OrganisationPatch"] = Object.fromEntries(
      NAMES.map((name) => [name, value(name).trim()]),
    );
    if (of.base_latitude === null && place?.latitude != null && place.longitude != null) {
      body.base_latitude = place.latitude;
      body.base_longitude = place.longitude;
    }
    try {
      const now = await ask(
        api.PATCH("/api/v2/organisation", { params: { header: seen(version.current) }, body }),
      );
      queries.setQueryData(["organisation"], now);
    } catch (error) {
      // somebody changed another setting meanwhile: what is typed here is about the address alone
      const now =
        error instanceof Problem && error.status === 412 && (error.body.current as Settings | undefined);
      if (now) version.current = now.version;
      throw error;
    }
    await queries.invalidateQueries({ queryKey: ["me"] });
    onClose();
  });
  const field = (name: (typeof NAMES)[number]) => ({
    name,
    value: value(name),
    error: sending.fault(name),
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Where the company is"
      about="It stands on invoices, and days begin there."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="company-address" busy={sending.busy}>
            Save
          </Button>
        </>
      }
    >
      <form id="company-address" {...sending.form} className="flex flex-col gap-3">
        <Field label="Street and number" autoComplete="street-address" required {...field("street")} />
        <div className="grid grid-cols-[7rem_minmax(0,1fr)_5rem] gap-3">
          <Field label="Postal code" autoComplete="postal-code" required {...field("postal_code")} />
          <Field label="City" autoComplete="address-level2" required {...field("city")} />
          <Field label="State" autoComplete="address-level1" {...field("region")} />
        </div>
        <Select
          label="Time zone"
          hint="By its clock the day begins and ends."
          choices={ZONES}
          {...field("time_zone")}
        />
        <Wrong>{sending.beside}</Wrong>
      </form>
    </Dialog>
  );
}
