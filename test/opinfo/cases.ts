/** Reads PyTorch's samples: a file an operator, the index, a zero byte and the numbers, all in one gzip. */

import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { casesOf, type Group } from "../golden/cases.ts";

const FOLDER = new URL("cases/", import.meta.url);

/** The names of all operators, with their variants. */
export const operators: readonly string[] = readdirSync(FOLDER)
  .map((name) => name.replace(/\.gz$/, ""))
  .sort();

/** An operator's samples. */
export function samplesOf(operator: string): Group {
  const bytes = gunzipSync(readFileSync(new URL(`${operator}.gz`, FOLDER)));
  const end = bytes.indexOf(0);
  return casesOf(operator, bytes.subarray(0, end).toString(), bytes.subarray(end + 1));
}
