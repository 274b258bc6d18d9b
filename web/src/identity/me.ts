/** Who is signed in, where, and what they may do there. */

import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { api, ask, Problem, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { csrf } from "@/api/session";
import { anew } from "./sessions";

export type Me = Schemas["MeOut"];

/** Who it is, and where: with another one, another office begins. */
export const self = (me: Me): string => `${me.org.id} ${me.user.id}`;

/** The session came to its end under a page that is open: it stays, and asks for the password over itself. */
export const useEnded = create<{ ended: boolean }>(() => ({ ended: false }));

/** Null when nobody is signed in; undefined while that is not known yet. */
export function useMe(): { me: Me | null | undefined; error: Error | null; again: () => void } {
  const asked = useQuery({
    queryKey: ["me"],
    staleTime: 60_000,
    // whoever is coming in at this moment is not led away from what they are shown once
    refetchOnWindowFocus: ({ state }) => state.data !== null,
    queryFn: async (): Promise<Me | null> => {
      const before = queries.getQueryData<Me | null>(["me"]) ?? null;
      try {
        if (csrf() !== "") {
          const now = await ask(api.GET("/api/v2/me"));
          if (before && self(before) !== self(now)) anew("/");
          useEnded.setState({ ended: false });
          return now;
        }
      } catch (error) {
        if (!(error instanceof Problem && error.status === 401)) throw error;
      }
      if (before) useEnded.setState({ ended: true });
      return before;
    },
  });
  return { me: asked.data, error: asked.error, again: () => void asked.refetch() };
}

/** Whether one's role lets one see them: `mayRead(me, "visits")`. */
export const mayRead = (me: Me, what: string): boolean => me.permissions.includes(`${what}:read`);
