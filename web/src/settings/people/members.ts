/** People of the organisation: what is read and written of them. */

import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { proved } from "@/identity/StepUp";

export type Member = Schemas["MembershipOut"];
export type Invitation = Schemas["InvitationOut"];

/** Lists of people are read again. */
export function moved<T>(answer: T): T {
  for (const key of ["memberships", "invitations"]) void queries.invalidateQueries({ queryKey: [key] });
  return answer;
}

export const readMember = (id: string) =>
  ask(api.GET("/api/v2/memberships/{id}", { params: { path: { id } } }));

export const changeMember = (member: Member, body: Schemas["MembershipPatch"]) =>
  proved(() =>
    ask(
      api.PATCH("/api/v2/memberships/{id}", {
        params: { path: { id: member.id }, header: seen(member.version) },
        body,
      }),
    ),
  ).then(moved);

export const suspend = (id: string) =>
  ask(api.POST("/api/v2/memberships/{id}/suspend", { params: { path: { id } } })).then(moved);

export const reinstate = (id: string) =>
  proved(() => ask(api.POST("/api/v2/memberships/{id}/reinstate", { params: { path: { id } } }))).then(moved);

export const letGo = (id: string, reason: string | null) =>
  ask(api.POST("/api/v2/memberships/{id}/deactivate", { params: { path: { id } }, body: { reason } })).then(
    moved,
  );
