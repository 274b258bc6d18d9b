/** What people may do, as sets that the company names. Those that everybody begins with stay as they are, and are
 * copied. */

import { Copy } from "lucide-react";
import { useSearchParams } from "react-router";
import { Button } from "@/ui/Button";
import { Badge } from "@/ui/Status";
import { roleName, useRoles } from "../lookups";
import { type Kind, SettingsList } from "../SettingsList";
import { SCOPES } from "./permissions";
import { Holders, RoleFields } from "./RoleFields";
import { Entered, type Role, roles, type Typed, typed } from "./roles";
import { SecondFactor } from "./SecondFactor";

const scope = (one: Role) =>
  SCOPES.find((other) => other.value === one.record_scope)?.text ?? one.record_scope;

export default function Roles() {
  const [address, setAddress] = useSearchParams();
  const all = useRoles();
  const like = all.data?.find((one) => one.id === address.get("like")) ?? null;

  function copy(of: Role) {
    setAddress({ open: "new", like: of.id });
  }

  const kind: Kind<Role, Typed, Entered> = {
    resource: roles,
    one: "role",
    many: "roles",
    permission: "members:write",
    schema: Entered,
    typed: (of) => typed(of, like),
    fields: (editing, row) => <RoleFields editing={editing} row={row} />,
    above: (row) => <Holders role={row} />,
    called: (one) => roleName(one.name),
    deleting: "It is gone for good. It is refused while somebody has it or is invited to it.",
    // whether it needs two steps is not in the form: made again, it would need one
    irrevocable: true,
    fixed: (one) =>
      one.system
        ? "Every company begins with this role, and it stays as it is. Copy it to make one like it."
        : null,
    verbs: (row) => (
      <>
        <Button onClick={() => copy(row)}>
          <Copy aria-hidden className="size-3.5" /> Copy
        </Button>
        <SecondFactor role={row} />
      </>
    ),
    wide: true,
  };

  return (
    <SettingsList
      key={like?.id}
      title="Roles"
      about="What people may see and do. Each person has one."
      kind={kind}
      sort="-level"
      columns={[
        { key: "name", heading: "Name", sort: "name", cell: (one) => roleName(one.name) },
        { key: "scope", heading: "Sees", width: "28%", from: 640, cell: scope },
        {
          key: "permissions",
          heading: "May do",
          width: "96px",
          number: true,
          cell: (one) => `${one.permissions.length}`,
        },
        {
          key: "level",
          heading: "Rank",
          width: "72px",
          number: true,
          sort: "level",
          cell: (one) => one.level,
        },
        {
          key: "mfa",
          heading: "Two steps",
          width: "108px",
          from: 760,
          cell: (one) => one.requires_mfa && <Badge tone="good">Required</Badge>,
        },
        {
          key: "system",
          heading: "Whose",
          width: "104px",
          from: 480,
          cell: (one) => (one.system ? <span className="text-muted">Built in</span> : "Your own"),
        },
      ]}
    />
  );
}
