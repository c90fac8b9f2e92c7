/**
 * Writes docs/vocabulary.md: every activation, loss, optimizer, schedule, normalisation, regularisation and
 * initialisation, with its options, its source, and how it is checked.
 *
 *     npx jiti scripts/docs/vocabulary.ts            # writes it
 *     npx jiti scripts/docs/vocabulary.ts --check    # only says whether it is what would be written
 */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as data from "../../src/data/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as optim from "../../src/optim/index.ts";
import * as train from "../../src/train/index.ts";
import { type Checked, runGolden } from "./checked.ts";
import { type Item, itemsOf } from "./items.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILE = join(ROOT, "docs/vocabulary.md");

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  Activations: ["nn/activation"],
  Losses: ["nn/loss"],
  Optimizers: ["optim"],
  Schedules: ["optim/schedule", "train/rate-test.ts"],
  Normalisation: ["nn/normalization"],
  Regularisation: ["nn/regularization", "data/mix.ts", "train/early-stopping.ts"],
  Initialisation: ["nn/init"],
};

/** What items are made of, and no items themselves. */
const PARTS: readonly string[] = ["Optimizer", "ParamGroup", "Schedule"];

const { init, ...others } = { ...nn, ...optim, ...data, ...train };
const isPublic = (name: string): boolean => (name in others || name in init) && !PARTS.includes(name);

/** Texts of the tests whose numbers are not golden. */
const tests: ReadonlyMap<string, string> = new Map(
  readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("golden"))
    .map((name) => [`test/${name}`, readFileSync(join(ROOT, "test", name), "utf8")]),
);

/** A function with the module that keeps its options, or either alone. */
interface Row {
  readonly names: readonly string[];
  readonly item: Item;
  readonly options: readonly string[];
}

/** The function that a module's docstring says it wraps: "`mseLoss` with options of its own." */
const wrapped = ({ doc }: Item): string | undefined => /^`(\w+)` with options of its own/.exec(doc)?.[1];

function rowsOf(items: readonly Item[]): Row[] {
  const modules = new Map(items.flatMap((item) => (item.isClass && wrapped(item) ? [[wrapped(item), item]] : [])));
  const known = new Set(items.map(({ name }) => name));
  return items
    .filter((item) => !(item.isClass && known.has(wrapped(item) ?? "")))
    .map((item) => {
      const module = modules.get(item.name);
      const name = item.file.startsWith("nn/init/") ? `init.${item.name}` : item.name;
      const names = module ? [name, module.name] : [name];
      return { names, item, options: [...new Set([...item.options, ...(module?.options ?? [])])].sort() };
    });
}

/** The first sentence of a docstring; what follows a formula's full stop begins with a capital or a new line. */
const sentence = (doc: string): string =>
  doc
    .split(/\n\s*\n|```/)[0]
    .replace(/\s+/g, " ")
    .trim()
    .split(/(?<=[.)])\s(?=[A-Z`])/)[0] ?? "";

/** Papers and books: "(Huber, 1964)" or a line "Kingma and Ba, Adam: …, 2015." */
function sourceOf({ doc }: Item): string {
  const prose = doc.replace(/```[\s\S]*?```/g, "").replace(/\s+/g, " ");
  const found = prose.match(
    /(?<=\()[A-Z][^()]*?,? \d{4}[a-z]?(?=\))|[A-Z][^.;()]*(?:[:?][^.;()]*)?, (?:19|20)\d\d(?=[.;])/g,
  );
  return [...new Set(found ?? [])].join("; ");
}

/** One figure, rounded up. */
function figure(error: number): string {
  if (error === 0) return "0";
  const exponent = Math.floor(Math.log10(error));
  const digit = Math.ceil(error / 10 ** exponent - 1e-9);
  return digit === 10 ? `1e${exponent + 1}` : `${digit}e${exponent}`;
}

function checkOf(row: Row, golden: ReadonlyMap<string, Checked>): string {
  const found = row.names.flatMap((name) => golden.get(name) ?? []);
  const named = row.names.map((name) => new RegExp(`\\b${name}\\b`));
  const files = [...tests].flatMap(([file, text]) => (named.some((name) => name.test(text)) ? [file] : []));
  if (found.length === 0) {
    if (files.length === 0) unchecked.push(row.names.join(", "));
    return `${files.map((file) => `[${file.replace(/.*\/|\.test\.ts$/g, "")}](../${file})`).join(", ")} | | `;
  }
  const sum = (key: "cases" | "gradients" | "second") => found.reduce((total, each) => total + each[key], 0);
  const references = [...new Set(found.flatMap((each) => [...each.references]))].sort();
  const counts = `${sum("cases")} (${sum("gradients")}, ${sum("second")})`;
  return `${references.join("; ")} | ${counts} | ${figure(Math.max(...found.map(({ error }) => error)))}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function section(title: string, places: readonly string[], golden: ReadonlyMap<string, Checked>): string {
  const items = places
    .flatMap((place) => itemsOf(place, isPublic))
    .filter(({ file }) => title !== "Optimizers" || !file.includes("/schedule/"));
  const lines = rowsOf(items).map((row) => {
    const names = row.names.map((name) => `\`${name}\``).join(", ");
    const options = row.options.map((name) => `\`${name}\``).join(", ");
    const [what, source] = [sentence(row.item.doc), sourceOf(row.item)].map(cell);
    return `| ${names} | ${what} | ${options} | ${source} | ${checkOf(row, golden)} |`;
  });
  const head = "| | | options | source | checked against | cases (gradients, second) | largest error |";
  return [`## ${title}`, "", head, "| - | - | - | - | - | -: | -: |", ...lines, ""].join("\n");
}

const unchecked: string[] = [];
const golden = await runGolden();
const text = [
  "# Vocabulary",
  "",
  "Every item with its options, its source, and what its numbers are checked against. Made by `scripts/docs/vocabulary.ts` from the code and from a run of the cases under [test/golden](../test/golden/README.md).",
  "",
  "A case compares every result, and the gradients of every input where there are some; in brackets stands how many have gradients, and how many compare second derivatives. The largest error is |ours − theirs| / max(1, |theirs|) over all of their numbers, most of which are float32; cases pass within PyTorch's own tolerances (float32: 1e-5 + 1.3e-6·|x|), optimizers' and schedules' paths of float64 within 1e-9. What is random, or has no numbers of its own, names its tests instead.",
  "",
  ...Object.entries(SECTIONS).map(([title, places]) => section(title, places, golden)),
].join("\n");

if (unchecked.length > 0) throw new Error(`Nothing checks ${unchecked.join("; ")}.`);
if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) {
    console.error("docs/vocabulary.md is out of date: npx jiti scripts/docs/vocabulary.ts");
    process.exitCode = 1;
  }
} else {
  writeFileSync(FILE, text);
}
