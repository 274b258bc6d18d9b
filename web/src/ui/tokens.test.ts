import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The colours of a block: `--ink` → "#16191d". */
function colours(opening: string): Record<string, string> {
  const start = css.indexOf(`${opening} {`);
  const block = css.slice(start, css.indexOf("}", start));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

/** Relative luminance as WCAG has it. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["canvas", "surface", "raised", "sunken"];
const STATUSES = ["scheduled", "confirmed", "dispatched", "working", "paused", "done", "incomplete"];
const TEXTS: [string, string[]][] = [
  ["ink", [...GROUNDS, "accent-wash"]],
  ["muted", GROUNDS],
  ["accent", ["canvas", "surface", "raised"]],
  ["accent-strong", ["accent-wash", "surface"]],
  ["on-accent", ["accent", "accent-strong"]],
  ["danger", ["surface", "raised", "danger-wash"]],
  ["warn", ["surface", "raised", "warn-wash"]],
  ["good", ["surface", "raised", "good-wash"]],
  ["on-status", STATUSES.map((one) => `s-${one}`)],
];

test.each([
  ["light", ":root"],
  ["dark", '[data-theme="dark"]'],
])("every text can be read on every ground it stands on: %s", (_, opening) => {
  const all = colours(opening);
  const poor = TEXTS.flatMap(([text, grounds]) =>
    grounds
      .map((ground) => [text, ground, contrast(all[text] ?? "", all[ground] ?? "")] as const)
      .filter(([, , ratio]) => !(ratio >= 4.5)),
  );
  expect(poor).toEqual([]);
  // the edge of a control is what shows that it is one
  expect(contrast(all["line-strong"] ?? "", all.surface ?? "")).toBeGreaterThanOrEqual(3);
});
