/** What an organisation that begins has already, as the server finds it, and what it can begin with. */

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";

export type FirstSteps = Schemas["FirstStepsOut"];
export type Sample = Schemas["SampleOut"];

const KEY = ["first-steps"];

export function useFirstSteps(may: boolean) {
  return useQuery({
    queryKey: KEY,
    enabled: may,
    staleTime: 0,
    queryFn: () => ask(api.GET("/api/v2/organisation/first-steps")),
  });
}

/** Something was set up: look again what there is. */
export const lookAgain = () => queries.invalidateQueries({ queryKey: KEY });

export function useOrganisation() {
  return useQuery({ queryKey: ["organisation"], queryFn: () => ask(api.GET("/api/v2/organisation")) });
}

/** Kinds of work that most companies of a trade have, with a length to begin with. Prices are one's own. */
export const TRADES: readonly {
  trade: string;
  text: string;
  work: readonly [name: string, minutes: number][];
}[] = [
  {
    trade: "plumbing",
    text: "Plumbing",
    work: [
      ["Drain cleaning", 90],
      ["Leak repair", 90],
      ["Water heater repair", 120],
      ["Water heater replacement", 180],
    ],
  },
  {
    trade: "hvac",
    text: "Heating and cooling",
    work: [
      ["No heat", 90],
      ["No cooling", 90],
      ["Yearly maintenance", 60],
      ["Estimate for a new system", 60],
    ],
  },
  {
    trade: "electrical",
    text: "Electrical",
    work: [
      ["Troubleshooting", 90],
      ["Outlet or switch", 60],
      ["Panel work", 180],
      ["Estimate", 60],
    ],
  },
  {
    trade: "septic",
    text: "Septic",
    work: [
      ["Tank pumping", 60],
      ["Septic inspection", 90],
      ["Line jetting", 90],
      ["Repair", 120],
    ],
  },
  {
    trade: "appliance",
    text: "Appliance repair",
    work: [
      ["Diagnosis", 60],
      ["Repair with parts", 60],
      ["Installation", 90],
    ],
  },
  {
    trade: "general",
    text: "Something else",
    work: [
      ["Service call", 60],
      ["Estimate", 60],
    ],
  },
];

/** What is offered on the telephone when nobody has said otherwise: half days. Of two hours, one technician has
 * too little left beside driving and what is kept for emergencies to promise an hour and a half. */
export const WINDOWS = [
  { start: "08:00", end: "12:00" },
  { start: "12:00", end: "17:00" },
];
