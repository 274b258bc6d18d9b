/** Our own ground is fetched once, when a map is first opened, from our own server. */

import { useQuery } from "@tanstack/react-query";
import { Unreachable } from "@/api/client";
import { type Kept, read } from "./ground";
import address from "./ground.json?url";

export const useGround = (wanted: boolean) =>
  useQuery({
    queryKey: ["ground"],
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const reply = await fetch(address);
      if (!reply.ok) throw new Unreachable("The map's borders could not be read.");
      return read((await reply.json()) as Kept);
    },
  });
