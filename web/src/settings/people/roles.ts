/** A role as its form holds it, and as it is sent: whoever changes one proves once more who they are. */

import { z } from "zod";
import type { Schemas } from "@/api/client";
import { proved } from "@/identity/StepUp";
import { needed, whole } from "../entering";
import { type Resource, resource } from "../resource";
import { ALL, type Permission } from "./permissions";

export type Role = Schemas["RoleOut"];

export const Entered = z.object({
  name: needed("Type a name, such as “Night desk”.").max(60, "Sixty letters at most."),
  level: whole(0, 99, "Type a rank from 0 to 99."),
  record_scope: z.enum(["own", "team", "territory", "all"]),
  permissions: z.array(z.enum(ALL as [Permission, ...Permission[]])),
});
export type Typed = z.input<typeof Entered>;
export type Entered = z.output<typeof Entered>;

const plain = resource<Role, Entered>("/api/v2/roles");

export const roles: Resource<Role, Entered> = {
  ...plain,
  create: (...given) => proved(() => plain.create(...given)),
  change: (...given) => proved(() => plain.change(...given)),
  remove: (...given) => proved(() => plain.remove(...given)),
};

/** Of a new one: as the one it is like, or nothing yet. Only an owner ranks above 99. */
export function typed(of: Role | null, like: Role | null): Typed {
  const from = of ?? like;
  return {
    name: of?.name ?? (like ? `${like.name} (copy)` : ""),
    level: (of ? of.level : Math.min(like?.level ?? 20, 99)).toString(),
    record_scope: from?.record_scope ?? "own",
    permissions: (from?.permissions ?? []) as Permission[],
  };
}
