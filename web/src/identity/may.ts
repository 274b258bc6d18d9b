/** What whoever is signed in may do. */

import { useMe } from "./me";

export function useMay(): (permission: string) => boolean {
  const { me } = useMe();
  return (permission) => me?.permissions.includes(permission) ?? false;
}
