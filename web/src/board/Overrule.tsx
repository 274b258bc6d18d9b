/** What was refused a moment ago, and may be done all the same by this person, with a reason that is kept. */

import { useEffect } from "react";
import { AskWhy } from "@/ui/AskWhy";
import { useOverrulable } from "./refusing";

const TITLES: Record<string, string> = {
  skill_missing: "A skill is missing",
  do_not_service: "The customer is not to be served",
  credit_hold: "The customer is on credit hold",
  outside_access_hours: "The site cannot be entered then",
};

export function Overrule({ permissions }: { permissions: readonly string[] }) {
  const asked = useOverrulable((all) => all.asked);
  useEffect(() => useOverrulable.setState({ may: new Set(permissions) }), [permissions]);
  useEffect(() => () => useOverrulable.setState({ asked: null }), []);
  if (!asked) return null;
  const close = () => useOverrulable.setState((all) => (all.asked === asked ? { asked: null } : all));
  return (
    <AskWhy
      key={asked.code}
      why={{
        title: TITLES[asked.code] ?? "This was refused",
        about: asked.detail,
        verb: "Do it all the same",
        look: "danger",
        needed: true,
        do: (reason) => asked.again(reason ?? ""),
      }}
      onClose={close}
    />
  );
}
