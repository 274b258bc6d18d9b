/** Who one is, where, and how one likes it. */

import { useState } from "react";

import { useNavigate } from "react-router";
import type { Me } from "@/identity/me";
import { goOver, signOut } from "@/identity/sessions";
import { Button } from "@/ui/Button";
import { Menu, MenuChoices, MenuItem, MenuLine } from "@/ui/Menu";
import { prefer, usePreferences } from "@/ui/preferences";
import { toast } from "@/ui/toast";

const THEMES = [
  { value: "light", text: "Light" },
  { value: "dark", text: "Dark" },
  { value: "system", text: "As the system" },
] as const;
const DENSITIES = [
  { value: "compact", text: "Compact" },
  { value: "comfortable", text: "Comfortable" },
] as const;
const KEYS = [
  { value: "on", text: "On" },
  { value: "off", text: "Off" },
] as const;

const initials = (name: string) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join("");

export function UserMenu({ me, onKeys }: { me: Me; onKeys: () => void }) {
  const { theme, density, singleKeys } = usePreferences();
  const [busy, setBusy] = useState(false);
  const go = useNavigate();

  async function doing(what: () => Promise<void>) {
    setBusy(true);
    try {
      await what();
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Menu
      align="end"
      button={
        <Button look="plain" className="px-1.5!" aria-label={`Your menu: ${me.user.name}`} busy={busy}>
          <span
            aria-hidden
            // drawn, not said: letters are no part of the button's name
            data-initials={initials(me.user.name)}
            className="grid size-6 place-items-center rounded-full bg-accent-wash font-semibold text-accent-strong text-sm before:content-[attr(data-initials)]"
          />
        </Button>
      }
    >
      <div className="px-2 py-1.5">
        <p className="truncate font-medium">{me.user.name}</p>
        <p className="truncate text-muted">{me.user.email}</p>
        <p className="truncate text-muted">
          {me.org.role} at {me.org.name}
        </p>
      </div>
      <MenuLine />
      {me.organisations.length > 1 && (
        <>
          <MenuChoices
            label="Organisation"
            value={me.org.slug}
            choices={me.organisations.map(({ slug, name }) => ({ value: slug, text: name }))}
            onChange={(slug) => slug !== me.org.slug && void doing(() => goOver(slug))}
          />
          <MenuLine />
        </>
      )}
      <MenuChoices
        label="Theme"
        value={theme}
        choices={THEMES}
        onChange={(chosen) => prefer({ theme: chosen })}
      />
      <MenuChoices
        label="Density"
        value={density}
        choices={DENSITIES}
        onChange={(chosen) => prefer({ density: chosen })}
      />
      <MenuChoices
        label="Keys without Ctrl"
        value={singleKeys ? "on" : "off"}
        choices={KEYS}
        onChange={(chosen) => prefer({ singleKeys: chosen === "on" })}
      />
      <MenuLine />
      <MenuItem onSelect={() => void go("/me")}>Your profile and sign-in</MenuItem>
      <MenuItem keys="?" onSelect={onKeys}>
        Keyboard
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => void doing(signOut)}>Sign out</MenuItem>
    </Menu>
  );
}
