/** What became of the rows, or would become. Zeros are not worth a word, but for errors. */

import { cx } from "@/ui/cx";
import { type Import, many } from "./imports";

export function Numbers({ of }: { of: Import }) {
  const numbers: [words: string, count: number, look?: string][] = [
    [of.dry_run ? "would be new" : "new", of.rows_created],
    [of.dry_run ? "would change" : "changed", of.rows_updated],
    ["unchanged", of.rows_unchanged],
    ["left out", of.rows_left_out],
    [
      of.rows_refused === 1 ? "error" : "errors",
      of.rows_refused,
      of.rows_refused ? "text-danger" : "text-muted",
    ],
  ];
  return (
    <ul aria-label="Rows" className="flex flex-wrap gap-x-5 gap-y-1">
      {numbers.map(
        ([words, count, look], place) =>
          (count > 0 || place === 0 || place === numbers.length - 1) && (
            <li key={words} className={cx("tabular", look)}>
              <span className="font-semibold text-lg">{many(count)}</span> {words}
            </li>
          ),
      )}
    </ul>
  );
}
