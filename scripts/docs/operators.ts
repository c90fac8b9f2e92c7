/**
 * Writes docs/operators.md: PyTorch's own samples, operator by operator, and what of them is left out.
 *
 *     npx jiti scripts/docs/operators.ts            # writes it, in about a minute
 *     npx jiti scripts/docs/operators.ts --check    # only says whether it is what would be written
 */

import { readFileSync } from "node:fs";
import { setDevice } from "../../src/index.ts";
import { operators, samplesOf } from "../../test/opinfo/cases.ts";
import { check } from "../../test/opinfo/check.ts";
import { deliver, figure } from "./page.ts";

type Counts = Readonly<Record<string, number>>;

interface LeftOut {
  /** by reason: operators with the number of their samples */
  readonly operators: Readonly<Record<string, Counts>>;
  readonly samples: Readonly<Record<string, Counts>>;
  readonly tolerances: Readonly<Record<string, unknown>>;
}

/** How many calls PyTorch's tests expect to be refused, and by reason how many of them are no case. */
interface Refusals {
  readonly "refused there": number;
  readonly cases: number;
  readonly [reason: string]: number | Counts;
}

const readJson = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../test/opinfo/${file}`, import.meta.url), "utf8"));
const leftOut: LeftOut = readJson("left-out.json");
/** of PyTorch 2.13 and of 1.13 */
const refusals: readonly Refusals[] = Object.values(readJson("errors/left-out.json"));
const accepted: Readonly<Record<string, readonly string[]>> = readJson("errors/accepted.json");

interface Row {
  readonly operator: string;
  readonly count: number;
  readonly gradients: number;
  readonly error: number;
}

async function run(operator: string): Promise<Row> {
  const { cases } = samplesOf(operator);
  let error = 0;
  for (const sample of cases) {
    const difference = await check(sample);
    if (difference.wrong) throw new Error(`${sample.name}: ${difference.wrong}`);
    error = Math.max(error, difference.error);
  }
  const gradients = cases.filter(({ grads }) => grads.some((grad) => grad)).length;
  return { operator, count: cases.length, gradients, error };
}

const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const list = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

const reasons = (groups: Readonly<Record<string, Counts>>): string[] =>
  Object.entries(groups).map(([reason, counts]) => `- **${reason}** (${total(counts)}): ${list(counts)}.`);

const cases = refusals.reduce((sum, version) => sum + version.cases, 0);
const tolerated = Object.values(accepted).flat().length;

setDevice("wasm"); // whose bits are the same on every processor
const rows: Row[] = [];
for (const operator of operators) rows.push(await run(operator));
const capped = rows.reduce((sum, { count }) => sum + Math.min(30, count), 0);
const all = rows.reduce((sum, { count }) => sum + count, 0);

deliver("operators", [
  "# Operators",
  "",
  "PyTorch tests its operators on samples of its own (OpInfo). Those that chainrule has too give the same numbers here, within PyTorch's own tolerances, forward and backward. Made by `scripts/docs/operators.ts` from a run of all of them; [test/opinfo](../test/opinfo/README.md) says how they are stored and run.",
  "",
  `${all} samples of ${rows.length} operators and variants pass; ${capped}, if none counts for more than 30. The largest error is |ours − theirs| / max(1, |theirs|).`,
  "",
  "| operator | samples | with gradients | largest error |",
  "| - | -: | -: | -: |",
  ...rows.map(({ operator, count, gradients, error }) => {
    return `| ${operator} | ${count} | ${gradients} | ${figure(error)} |`;
  }),
  "",
  "## Samples left out",
  "",
  ...reasons(leftOut.samples),
  "",
  "## Operators left out",
  "",
  "With the number of their float32 samples.",
  "",
  ...reasons(leftOut.operators),
  "",
  "## Calls that are refused",
  "",
  `PyTorch's tests also say which calls must fail, of operators and of modules: ${refusals.map((version) => version["refused there"]).join(" of PyTorch 2.13 and ")} of 1.13, mostly the same. ${cases} of them are different calls of what chainrule has, and ${cases - tolerated} throw a typed error that names the operator and says what is wrong. The others, and why:`,
  "",
  ...Object.entries(accepted).map(([reason, calls]) => `- **${reason}** (${calls.length}).`),
  "",
  "What of PyTorch 2.13 is no case:",
  "",
  ...Object.entries(refusals[0])
    .filter(([, counts]) => typeof counts !== "number")
    .map(([reason, counts]) => `- **${reason}**: ${list(counts as Counts)}.`),
  "",
]);
