/** Who came in, when and from where, and who tried. */

import { useSearchParams } from "react-router";
import type { Schemas } from "@/api/client";
import { useMe } from "@/identity/me";
import { device } from "@/identity/Profile";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Status } from "@/ui/Status";
import { useList } from "@/ui/useList";
import { When } from "@/ui/When";
import { nameOf, useMembers } from "../lookups";
import { alsoBy } from "../narrowing";

type SignIn = Schemas["SignInOut"];

const PROOFS: Record<string, string> = {
  sign_in: "Password",
  second_factor: "Code",
  confirmation: "Once more",
};

export default function SignIns() {
  const { me } = useMe();
  const zone = me?.time_zone ?? "UTC";
  const members = useMembers();
  const [address] = useSearchParams();
  const member = address.get("member");
  const went = address.get("went");
  const list = useList("/api/v2/sign-ins", {
    fixed: {
      ...(member ? { member_id: member } : {}),
      ...(went ? { succeeded: went === "in" } : {}),
    },
  });
  const columns: Column<SignIn>[] = [
    {
      key: "at",
      heading: "When",
      width: "200px",
      cell: (one) => <When at={one.created_at} zone={zone} />,
    },
    { key: "who", heading: "Who", cell: (one) => nameOf(members.data, one.member_id) || one.email },
    {
      key: "went",
      heading: "Outcome",
      width: "108px",
      cell: (one) => (
        <Status status={one.succeeded ? "accepted" : "failed"} text={one.succeeded ? "Came in" : "Refused"} />
      ),
    },
    { key: "proof", heading: "By", width: "112px", from: 640, cell: (one) => PROOFS[one.proof] ?? one.proof },
    { key: "device", heading: "On", width: "22%", from: 820, cell: (one) => device(one.user_agent) },
    {
      key: "ip",
      heading: "From",
      width: "150px",
      from: 980,
      cell: (one) => <span className="tabular">{one.ip}</span>,
    },
  ];
  return (
    <Page
      title="Sign-ins"
      about={<span className="max-lg:hidden">Of the last 120 days, with the tries that failed.</span>}
      scrolls={false}
    >
      <DataTable
        list={alsoBy(list, "member", "went")}
        name="sign-ins"
        one="sign-in"
        columns={columns}
        views={false}
        called={(one) => one.email}
        filters={
          <>
            <Select
              quiet
              className="w-44"
              label="Who"
              none="Anybody"
              choices={(members.data ?? []).map((one) => ({ value: one.id, text: one.name }))}
              value={member ?? ""}
              onChange={(event) => list.change({ member: event.target.value || null })}
            />
            <Select
              quiet
              className="w-36"
              label="Outcome"
              none="Any outcome"
              choices={[
                { value: "in", text: "Came in" },
                { value: "refused", text: "Refused" },
              ]}
              value={went ?? ""}
              onChange={(event) => list.change({ went: event.target.value || null })}
            />
          </>
        }
        empty={
          <EmptyState title="Nobody signed in yet.">
            Each try stands here, with where it came from.
          </EmptyState>
        }
      />
    </Page>
  );
}
