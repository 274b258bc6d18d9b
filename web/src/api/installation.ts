/** What one may know before signing in: the version, whether people work with it, sign-ins of the demo. */

import { useQuery } from "@tanstack/react-query";
import { Unreachable } from "./client";

/** What maps show under their pins, where something is set. */
export interface Basemap {
  kind: "style" | "pmtiles" | "raster";
  url: string;
  dark_url: string | null;
  attribution: string | null;
}

export interface Installation {
  version: string;
  environment: "local" | "test" | "production";
  basemap: Basemap | null;
  demo: { org: string; role: string; email: string; password: string }[];
}

async function read(): Promise<Installation> {
  // it stands beside the API, so its description does not know it
  const reply = await fetch("/installation");
  if (!reply.ok) throw new Unreachable("Truckroll cannot be reached.");
  return reply.json() as Promise<Installation>;
}

export const useInstallation = () =>
  useQuery({ queryKey: ["installation"], queryFn: read, staleTime: Number.POSITIVE_INFINITY });
