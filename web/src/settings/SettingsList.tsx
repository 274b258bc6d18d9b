/** A section that is a list: its rows, a drawer that makes or changes one, and deleting with a way back. A section
 * says what its records are and which fields they have; the rest is here.
 *
 * Which record is open stands in the address (`?open=…`), so that it can be linked to and Back closes it. */

import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import type { FieldValues } from "react-hook-form";
import { useNavigate } from "react-router";
import type { ZodType } from "zod";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import type { Tree } from "@/ui/filters";
import { useKeys } from "@/ui/keys";
import { Page } from "@/ui/Page";
import type { useEditing } from "@/ui/useEditing";
import { type List, useList } from "@/ui/useList";
import { Editor } from "./Editor";
import type { Kept, Resource } from "./resource";

export type Edited<In extends FieldValues, Out extends FieldValues> = ReturnType<typeof useEditing<In, Out>>;

export interface Kind<Row extends Kept, In extends FieldValues, Out extends FieldValues> {
  resource: Resource<Row, Out>;
  /** "skill", and of many "skills". */
  one: string;
  many: string;
  /** Who may change them. */
  permission: string;
  /** What stands in the form; of null: of a new one. */
  typed: (row: Row | null) => In;
  /** What is sent: named as in the API, so that a refusal points at its field. */
  schema: ZodType<Out, In>;
  fields: (editing: Edited<In, Out>, row: Row | null) => ReactNode;
  /** What is known of it beside its fields, above them. */
  above?: (row: Row) => ReactNode;
  /** What belongs to it and is saved by itself, below them. */
  below?: (row: Row) => ReactNode;
  called: (row: Row) => string;
  /** What deleting does, said before it is done. */
  deleting: string;
  /** Whether the API brings a deleted one back; else it is made again as it was. */
  restores?: boolean;
  /** More goes with it than could be made again: no way back is offered. */
  irrevocable?: boolean;
  /** Why this one stays as it is; null: it may be changed. */
  fixed?: (row: Row) => string | null;
  /** Fields that are said once and do not change afterwards. */
  once?: readonly (keyof Out & string)[];
  /** What is done beside saving and deleting: buttons at the drawer's end. */
  verbs?: (row: Row, close: () => void) => ReactNode;
  wide?: boolean;
}

export interface SettingsListProps<Row extends Kept, In extends FieldValues, Out extends FieldValues> {
  title: string;
  /** What these are for, in a sentence; it also stands where there are none. */
  about: string;
  kind: Kind<Row, In, Out>;
  columns: readonly Column<Row>[];
  sort?: string;
  find?: readonly string[];
  filters?: Record<string, { field?: string; means?: (value: string) => Tree | null }>;
  choices?: (list: List<Row>) => ReactNode;
  fixed?: Record<string, unknown>;
  /** Beside the button that makes one. */
  actions?: ReactNode;
}

export function SettingsList<Row extends Kept, In extends FieldValues, Out extends FieldValues>(
  props: SettingsListProps<Row, In, Out>,
) {
  const { kind, title, about } = props;
  const { me } = useMe();
  const list = useList(kind.resource.path, {
    ...(props.sort ? { sort: props.sort } : {}),
    ...(props.find ? { find: props.find } : {}),
    ...(props.filters ? { filters: props.filters } : {}),
    ...(props.fixed ? { fixed: props.fixed } : {}),
  }) as unknown as List<Row>;
  const may = me?.permissions.includes(kind.permission) ?? false;
  const open = list.address.get("open");
  const go = useNavigate();
  const begin = () => void go(addressOf("new"));
  useKeys(may ? [{ keys: "c", says: `New ${kind.one}`, group: "Do", do: begin }] : []);

  function addressOf(id: string): string {
    const there = new URLSearchParams(list.address);
    there.set("open", id);
    return `?${there}`;
  }

  return (
    <Page
      title={title}
      about={<span className="max-lg:hidden">{about}</span>}
      scrolls={false}
      actions={
        may && (
          <>
            {props.actions}
            <Button look="primary" aria-keyshortcuts="c" onClick={begin}>
              <Plus aria-hidden className="size-3.5" /> New {kind.one}
              <kbd className="font-sans text-sm opacity-80 max-sm:hidden">C</kbd>
            </Button>
          </>
        )
      }
    >
      <DataTable
        list={list}
        name={kind.many}
        one={kind.one}
        columns={props.columns}
        called={kind.called}
        open={(row) => addressOf(row.id)}
        views={false}
        filters={props.choices?.(list)}
        empty={
          <EmptyState
            title={`There are no ${kind.many} yet.`}
            action={may && <Button onClick={begin}>New {kind.one}</Button>}
          >
            {about}
          </EmptyState>
        }
      />
      {open && may && (
        <Editor
          key={open}
          kind={kind}
          id={open === "new" ? null : open}
          onClose={() => list.change({ open: null })}
        />
      )}
    </Page>
  );
}
