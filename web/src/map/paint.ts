/** The signs of a map, drawn by hand: one painter for both kinds of map, and no font server for their words.
 * A sign's name holds all that it shows. */

import type { Mark } from "./shapes";

export type Look =
  | { kind: "stop"; text: string | null; mark: Mark; colour: string | null; alert: boolean; chosen: boolean }
  | { kind: "mover"; text: string; colour: string; age: string | null; stale: boolean; chosen: boolean }
  | { kind: "town"; text: string; rank: number };

/** Colours of the theme, as they are now. */
export function tokens(): (name: string) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

/** White or black, whichever is read better on a colour. */
export function inkOn(colour: string): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (!hex) return "#ffffff";
  const channel = (n: number) => {
    const value = Number.parseInt(hex.slice(n, n + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = 0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4);
  return light > 0.18 ? "#16191d" : "#ffffff";
}

const FONT = "Inter, ui-sans-serif, system-ui, sans-serif";
const SCALE = 2;
const R = 11;
const SMALL = 0.75;

type Pen = CanvasRenderingContext2D;

function board(width: number, height: number): [HTMLCanvasElement, Pen] {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width) * SCALE;
  canvas.height = Math.ceil(height) * SCALE;
  // its pixels are read again, by the map that draws them
  const pen = canvas.getContext("2d", { willReadFrequently: true }) as Pen;
  pen.scale(SCALE, SCALE);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineCap = "round";
  return [canvas, pen];
}

function badge(pen: Pen, x: number, y: number, sign: "check" | "go" | "alert", fill: string, ink: string) {
  pen.beginPath();
  pen.arc(x, y, 6.5, 0, 7);
  pen.fillStyle = fill;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = ink;
  pen.stroke();
  pen.beginPath();
  if (sign === "check") {
    pen.moveTo(x - 2.8, y + 0.2);
    pen.lineTo(x - 0.8, y + 2.3);
    pen.lineTo(x + 3, y - 2.2);
  } else if (sign === "go") {
    pen.moveTo(x - 1.6, y - 3);
    pen.lineTo(x + 2, y);
    pen.lineTo(x - 1.6, y + 3);
  } else {
    pen.moveTo(x, y - 3.2);
    pen.lineTo(x, y + 0.6);
    pen.moveTo(x, y + 3);
    pen.lineTo(x, y + 3.1);
  }
  pen.lineWidth = 1.8;
  pen.strokeStyle = ink;
  pen.stroke();
}

function outline(pen: Pen, mark: Mark, x: number, y: number, r: number): void {
  pen.beginPath();
  if (mark === "there") pen.roundRect(x - r, y - r, 2 * r, 2 * r, 4);
  else if (mark === "trouble") {
    const d = r * 1.25;
    pen.moveTo(x, y - d);
    pen.lineTo(x + d, y);
    pen.lineTo(x, y + d);
    pen.lineTo(x - d, y);
    pen.closePath();
  } else pen.arc(x, y, r, 0, 7);
}

function stop(look: Look & { kind: "stop" }): HTMLCanvasElement {
  const of = tokens();
  // without a number in it there is nothing to read, and many of them stand close together
  const size = look.text === null ? SMALL : 1;
  const [canvas, pen] = board(44 * size, 44 * size);
  pen.scale(size, size);
  const [x, y] = [22, 22];
  const hollow = look.mark === "done" || look.mark === "canceled" || look.mark === "open";
  const colour = look.mark === "canceled" ? of("muted") : (look.colour ?? of("muted"));
  if (look.chosen) {
    outline(pen, look.mark, x, y, R + 6);
    pen.fillStyle = of("accent");
    pen.globalAlpha = 0.28;
    pen.fill();
    pen.globalAlpha = 1;
    pen.lineWidth = 2.5;
    pen.strokeStyle = of("accent");
    pen.stroke();
  }
  outline(pen, look.mark, x, y, R + 1.5);
  pen.fillStyle = look.alert ? of("danger") : of("surface");
  pen.fill();
  outline(pen, look.mark, x, y, R);
  pen.fillStyle = hollow ? of("surface") : colour;
  pen.fill();
  if (hollow) {
    outline(pen, look.mark, x, y, R - 1);
    pen.lineWidth = 2.2;
    pen.setLineDash(look.mark === "open" ? [3.5, 3.5] : []);
    pen.strokeStyle = look.mark === "open" ? of("ink") : colour;
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.fillStyle = hollow ? of(look.mark === "canceled" ? "muted" : "ink") : inkOn(colour);
  pen.font = `600 ${(look.text?.length ?? 0) > 2 ? 9 : 12}px ${FONT}`;
  if (look.text) pen.fillText(look.text, x, y + 0.5);
  if (look.mark === "canceled") {
    pen.beginPath();
    pen.moveTo(x - 7, y + 7);
    pen.lineTo(x + 7, y - 7);
    pen.lineWidth = 2;
    pen.strokeStyle = of("muted");
    pen.stroke();
  }
  const ink = of("surface");
  if (look.alert || look.mark === "trouble") badge(pen, x + 10, y - 10, "alert", of("danger"), ink);
  else if (look.mark === "done") badge(pen, x + 10, y - 10, "check", of("good"), ink);
  else if (look.mark === "moving") badge(pen, x + 10, y - 10, "go", of("good"), ink);
  return canvas;
}

/** A drop whose point is at the place; below it how long ago that was, where it is long. */
function mover(look: Look & { kind: "mover" }): HTMLCanvasElement {
  const of = tokens();
  const [canvas, pen] = board(64, 92);
  const [x, y, r] = [32, 24, 14];
  const colour = look.stale ? of("muted") : look.colour;
  const drop = (more: number) => {
    pen.beginPath();
    pen.arc(x, y, r + more, Math.PI * 0.8, Math.PI * 2.2);
    pen.lineTo(x, y + r + 8 + more * 1.4);
    pen.closePath();
  };
  if (look.chosen) {
    drop(6);
    pen.fillStyle = of("accent");
    pen.globalAlpha = 0.35;
    pen.fill();
    pen.globalAlpha = 1;
  }
  drop(2.5);
  pen.fillStyle = of("surface");
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = of("line-strong");
  pen.stroke();
  drop(0);
  pen.fillStyle = colour;
  pen.fill();
  if (look.stale) {
    pen.beginPath();
    pen.arc(x, y, r - 2.5, 0, 7);
    pen.setLineDash([3, 3]);
    pen.lineWidth = 1.5;
    pen.strokeStyle = inkOn(colour);
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.fillStyle = inkOn(colour);
  pen.font = `700 12px ${FONT}`;
  pen.fillText(look.text, x, y + 0.5);
  if (look.age) {
    pen.font = `500 11px ${FONT}`;
    const wide = pen.measureText(look.age).width + 10;
    pen.beginPath();
    pen.roundRect(x - wide / 2, 52, wide, 17, 8);
    pen.fillStyle = of("surface");
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = of("line-strong");
    pen.stroke();
    pen.fillStyle = look.stale ? of("muted") : of("ink");
    pen.fillText(look.age, x, 61);
  }
  return canvas;
}

/** Its middle is the place. */
function town(look: Look & { kind: "town" }): HTMLCanvasElement {
  const of = tokens();
  const size = [14, 13, 12, 12][look.rank] ?? 12;
  const font = `${look.rank < 2 ? 600 : 500} ${size}px ${FONT}`;
  const [, measure] = board(1, 1);
  measure.font = font;
  const [canvas, pen] = board(measure.measureText(look.text).width + 8, size + 8);
  pen.font = font;
  const [x, y] = [canvas.width / SCALE / 2, canvas.height / SCALE / 2];
  pen.lineWidth = 3;
  pen.strokeStyle = of("surface");
  pen.strokeText(look.text, x, y);
  pen.fillStyle = of("muted");
  pen.fillText(look.text, x, y);
  return canvas;
}

export const nameOf = (look: Look): string => JSON.stringify(look);
export const lookOf = (name: string): Look | null =>
  name.startsWith("{") ? (JSON.parse(name) as Look) : null;

export const paint = (look: Look): HTMLCanvasElement =>
  look.kind === "stop" ? stop(look) : look.kind === "mover" ? mover(look) : town(look);

export const DENSITY = SCALE;

/** As the address of a picture, for a map without WebGL; kept until the theme changes. */
const kept = new Map<string, { href: string; width: number; height: number }>();
let theme = "";

export function pictureOf(look: Look): { href: string; width: number; height: number } {
  const now = document.documentElement.dataset.theme ?? "";
  if (now !== theme || kept.size > 2_000) kept.clear();
  theme = now;
  const name = nameOf(look);
  const known = kept.get(name);
  if (known) return known;
  const canvas = paint(look);
  const made = { href: canvas.toDataURL(), width: canvas.width / SCALE, height: canvas.height / SCALE };
  kept.set(name, made);
  return made;
}
