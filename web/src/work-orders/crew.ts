/** Who comes, by name: those who are on a visit and have not said no. */

import type { Visit } from "./work";

const GONE = ["removed", "declined"];

export const crewOf = (visit: Visit): string =>
  visit.assignments
    .filter((one) => !GONE.includes(one.status))
    .map((one) => one.name)
    .join(", ");
