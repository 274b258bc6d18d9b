/** The company's own settings are one record: each page of them is a form over a part of it, saved by itself. */

import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import type { FieldValues } from "react-hook-form";
import type { ZodType } from "zod";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { useOrganisation } from "../lookups";
import type { Edited } from "../SettingsList";

export type Organisation = Schemas["SettingsOut"];
export type Patch = Schemas["OrganisationPatch"];

/** It is known now as the server answered; whatever shows a part of it is read again. */
export function known(organisation: Organisation): Organisation {
  queries.setQueryData(["organisation", "settings"], organisation);
  void queries.invalidateQueries({ queryKey: ["organisation"] });
  void queries.invalidateQueries({ queryKey: ["me"] });
  return organisation;
}

interface PartProps<In extends FieldValues, Out extends FieldValues> {
  title: string;
  about: string;
  schema: ZodType<Out, In>;
  typed: (of: Organisation) => In;
  fields: (editing: Edited<In, Out>, of: Organisation) => ReactNode;
  /** What is sent, where it is not the fields that were touched. */
  patch?: (changed: Partial<Out>) => Patch;
  /** Beside the form: what is saved at once. */
  beside?: (of: Organisation) => ReactNode;
}

export function OrganisationPart<In extends FieldValues, Out extends FieldValues>(props: PartProps<In, Out>) {
  const asked = useOrganisation();
  if (asked.data) return <Form {...props} organisation={asked.data} />;
  return (
    <Page title={props.title}>
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={10} label="Opening the settings" />
      )}
    </Page>
  );
}

function Form<In extends FieldValues, Out extends FieldValues>({
  organisation,
  ...of
}: PartProps<In, Out> & { organisation: Organisation }) {
  const from = useRef(organisation);
  const editing = useEditing<In, Out>({
    schema: of.schema,
    values: of.typed(organisation),
    send: async (_, changed) => {
      const body = of.patch ? of.patch(changed) : (changed as Patch);
      if (Object.keys(body).length === 0) return;
      const header = seen(from.current.version);
      from.current = known(await ask(api.PATCH("/api/v2/organisation", { params: { header }, body })));
      editing.form.reset(of.typed(from.current));
      toast({ text: "Saved." });
    },
    reread: (current) => {
      from.current = current as unknown as Organisation;
      return of.typed(from.current);
    },
  });
  const dirty = editing.form.formState.isDirty;
  const unsaved = useUnsaved(dirty);
  // what others save, or what is saved beside the form, is taken over where nothing typed stands against it
  const { typed } = of;
  const { reset } = editing.form;
  useEffect(() => {
    if (organisation.version <= from.current.version) return;
    const same = JSON.stringify(typed(organisation)) === JSON.stringify(typed(from.current));
    if (dirty && !same) return;
    from.current = organisation;
    if (!dirty) reset(typed(organisation));
  }, [organisation, typed, dirty, reset]);
  return (
    <Page
      title={of.title}
      about={<span className="max-lg:hidden">{of.about}</span>}
      actions={
        <>
          {dirty && (
            <Button onClick={() => editing.form.reset(of.typed(from.current))} disabled={editing.busy}>
              Put back
            </Button>
          )}
          <Button look="primary" type="submit" form="organisation" busy={editing.busy} disabled={!dirty}>
            {dirty ? "Save" : "Saved"}
          </Button>
        </>
      }
    >
      <div className="flex max-w-3xl flex-col gap-4 p-4">
        {of.beside?.(organisation)}
        <form id="organisation" noValidate onSubmit={editing.onSubmit} className="flex flex-col gap-4">
          <Wrong>{editing.problem}</Wrong>
          {of.fields(editing, organisation)}
        </form>
      </div>
      {unsaved.dialog}
    </Page>
  );
}
