/** Who came in, when and from where, and who tried. */

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
import { ago } from "@/ui/when";
import { nameOf, useMembers } from "../lookups";

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
  const list = useList("/api/v2/sign-ins", {
    params: {
      member: (member_id) => ({ member_id }),
      went: (value) => ({ succeeded: value === "in" }),
    },
  });
  const columns: Column<SignIn>[] = [
    {
      key: "at",
      heading: "When",
      width: "200px",
      from: 560,
      cell: (one) => <When at={one.created_at} zone={zone} />,
    },
    {
      key: "ago",
      heading: "When",
      width: "136px",
      until: 560,
      cell: (one) => <time dateTime={one.created_at}>{ago(one.created_at)}</time>,
    },
    {
      key: "who",
      heading: "Who",
      cell: (one) => (
        // whole: two lines of it have room
        <span className="block whitespace-normal break-words leading-4">
          {nameOf(members.data, one.member_id) || one.email}
        </span>
      ),
    },
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
        list={list}
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
              value={list.address.get("member") ?? ""}
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
              value={list.address.get("went") ?? ""}
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
