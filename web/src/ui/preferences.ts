/** What somebody likes on this machine: light or dark, close or wide. The page's head applies it before
 * anything is painted (index.html); this changes it. */

import { create } from "zustand";

export type Theme = "light" | "dark" | "system";
export type Density = "compact" | "comfortable";

const DARK = "(prefers-color-scheme: dark)";

interface Preferences {
  theme: Theme;
  density: Density;
  /** Whether a letter alone does something, such as `j` in a list. */
  singleKeys: boolean;
}

function kept(): Preferences {
  const theme = localStorage.getItem("theme");
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    density: localStorage.getItem("density") === "comfortable" ? "comfortable" : "compact",
    singleKeys: localStorage.getItem("single-keys") !== "off",
  };
}

export const usePreferences = create<Preferences>(() => ({
  theme: "system",
  density: "compact",
  singleKeys: true,
}));

function apply(): void {
  const { theme, density } = usePreferences.getState();
  const shown = theme === "system" ? (matchMedia(DARK).matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = shown;
  document.documentElement.dataset.density = density;
}

/** Keep and show it; `system` follows what the machine says, from moment to moment. */
export function prefer(wanted: Partial<Preferences>): void {
  usePreferences.setState(wanted);
  const { theme, density, singleKeys } = usePreferences.getState();
  if (theme === "system") localStorage.removeItem("theme");
  else localStorage.setItem("theme", theme);
  localStorage.setItem("density", density);
  if (singleKeys) localStorage.removeItem("single-keys");
  else localStorage.setItem("single-keys", "off");
  apply();
}

/** What was kept holds from now on; follow the machine, and the other tabs. Once, when the page begins. */
export function follow(): void {
  usePreferences.setState(kept());
  matchMedia(DARK).addEventListener("change", apply);
  addEventListener("storage", () => {
    usePreferences.setState(kept());
    apply();
  });
}
