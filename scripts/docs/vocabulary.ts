/**
 * Writes docs/vocabulary.md: every layer, activation, loss, optimizer, schedule, normalisation, regularisation and
 * initialisation, block, network and tool of vision, text and sound, with its options, its source, and how it is checked.
 *
 *     npx jiti scripts/docs/vocabulary.ts            # writes it
 *     npx jiti scripts/docs/vocabulary.ts --check    # only says whether it is what would be written
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as audio from "../../src/audio/index.ts";
import * as data from "../../src/data/index.ts";
import * as metrics from "../../src/metrics/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as optim from "../../src/optim/index.ts";
import { scaledDotProductAttention } from "../../src/tensor/index.ts";
import * as text from "../../src/text/index.ts";
import * as train from "../../src/train/index.ts";
import * as vision from "../../src/vision/index.ts";
import { type Checked, runGolden } from "./checked.ts";
import { type Item, itemsOf } from "./items.ts";
import { deliver, figure } from "./page.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  Activations: ["nn/activation"],
  Losses: ["nn/loss"],
  Optimizers: ["optim"],
  Schedules: ["optim/schedule", "train/rate-test.ts"],
  Normalisation: ["nn/normalization"],
  Regularisation: ["nn/regularization", "data/mix.ts", "train/early-stopping.ts"],
  Initialisation: ["nn/init"],
  Convolutions: ["nn/linear.ts", "nn/convolution.ts", "nn/transposed-convolution.ts"],
  Embeddings: ["nn/embedding.ts", "nn/embedding-bag.ts"],
  Recurrence: ["nn/recurrent"],
  Attention: ["nn/attention", "nn/transformer", "tensor/attention.ts"],
  Pooling: ["nn/pooling"],
  Resampling: ["nn/resampling"],
  Padding: ["nn/padding.ts"],
  Blocks: ["vision/blocks"],
  Models: ["vision/models"],
  Boxes: ["vision/boxes"],
  Transforms: ["vision/transforms", "data/random.ts"],
  Metrics: ["metrics"],
  Seeing: ["vision/draw", "vision/explain"],
  Text: ["text/tokenizers", "text/vocabulary.ts", "text/sequences", "text/datasets"],
  "Models of text": ["text/models", "text/decoding", "text/draw"],
  Sound: ["audio"],
};

/** What items are made of, and no items themselves. */
const PARTS: readonly string[] = ["Optimizer", "ParamGroup", "Schedule"];

const rooms = { ...nn, ...optim, ...data, ...train, ...vision, ...metrics, ...text, ...audio };
const { init, ...others } = { ...rooms, scaledDotProductAttention };
const isPublic = (name: string): boolean => (name in others || name in init) && !PARTS.includes(name);

/** Texts of the tests whose numbers are not golden. */
const tests: ReadonlyMap<string, string> = new Map(
  readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("golden"))
    .map((name) => [`test/${name}`, readFileSync(join(ROOT, "test", name), "utf8")]),
);

/** As it is written after an import: initialisations have a namespace. */
const publicName = (name: string): string => (name in init ? `init.${name}` : name);

/** A function with the module that keeps its options and what is like it, or any of them alone. */
interface Row {
  readonly names: readonly string[];
  readonly item: Item;
  readonly options: readonly string[];
}

/** What a module keeps the options of, or another is like: its docstring begins with that, or soon says "see" or "as" it. */
function wrapped({ name, doc, isClass }: Item): string | undefined {
  const inner = /(?:^|: see |, as )`(\w+)`/.exec(isClass ? doc : doc.split(/\n\s*\n/)[0])?.[1];
  return inner === name ? undefined : inner;
}

/** A row for each function, with the modules that wrap it and what is like it, and for what is left. */
function rowsOf(items: readonly Item[]): Row[] {
  const byName = new Map(items.map((item) => [item.name, item]));
  /** the function behind a module, or behind the module that it is like */
  const root = (item: Item): string => {
    const inner = wrapped(item);
    if (inner === undefined) return item.name;
    const next = byName.get(inner);
    return next ? root(next) : inner;
  };
  const names = [...new Set(items.map(root))];
  return names.map((name) => {
    const members = items.filter((item) => root(item) === name);
    const item = members.find((member) => member.name === name) ?? members[0];
    const options = new Set(members.flatMap((member) => member.options));
    return { names: [...new Set([name, ...members.map((member) => member.name)])], item, options: [...options].sort() };
  });
}

/** The first sentence of a docstring; what follows a formula's full stop begins with a capital or a new line. */
const sentence = (doc: string): string =>
  doc
    .split(/\n\s*\n|```/)[0]
    .replace(/\s+/g, " ")
    .trim()
    .split(/(?<=[.)])\s(?=[A-Z`])/)[0] ?? "";

/** Papers, books and manuals: the sentences of a docstring that name a year or a manual, or what stands in brackets. */
function sourceOf({ doc }: Item): string {
  const prose = doc.replace(/```[\s\S]*?```/g, "\n\n").split(/\n\s*\n/);
  const sentences = prose.flatMap((part) =>
    part
      .replace(/\s+/g, " ")
      .trim()
      .split(/(?<!\bal)\.(?:\s|$)/),
  );
  const named = sentences.filter((text) => {
    const own = text.replace(/\([A-Z][^()]*\d{4}\)/g, "");
    return /, (18|19|20)\d\d\b/.test(own) || /^(PyTorch documentation|Source: )/.test(own);
  });
  const bracketed = sentences.flatMap((text) => text.match(/(?<=\()[A-Z][^()]*?,? \d{4}(?=\))/g) ?? []);
  return [...new Set([...named.map((text) => text.replace(/^Source: /, "")), ...bracketed])].join("; ");
}

/** The cases of a row; `BoxCoder.encode` is one of BoxCoder's. */
function casesOf(row: Row, golden: ReadonlyMap<string, Checked>): Checked[] {
  const names = row.names.map(publicName);
  return [...golden].flatMap(([op, checked]) =>
    names.some((name) => op === name || op.startsWith(`${name}.`)) ? [checked] : [],
  );
}

const sum = (found: readonly Checked[], key: "cases" | "gradients" | "second" | "states" | "trained"): number =>
  found.reduce((total, each) => total + each[key], 0);

function checkOf(row: Row, found: readonly Checked[]): string {
  const named = row.names.map((name) => new RegExp(`\\b${name}\\b`));
  const files = [...tests].flatMap(([file, text]) => {
    const isElsewhere = row.item.file.startsWith("nn/init/") && !text.includes("init.");
    return !isElsewhere && named.some((name) => name.test(text)) ? [file] : [];
  });
  if (found.length === 0) {
    if (files.length === 0) unchecked.push(row.names.join(", "));
    return `${files.map((file) => `[${file.replace(/.*\/|\.test\.ts$/g, "")}](../${file})`).join(", ")} | | `;
  }
  const references = [...new Set(found.flatMap((each) => [...each.references]))].sort();
  const counts = `${sum(found, "cases")} (${sum(found, "gradients")}, ${sum(found, "second")})`;
  return `${references.join("; ")} | ${counts} | ${figure(Math.max(...found.map(({ error }) => error)))}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function section(title: string, places: readonly string[], golden: ReadonlyMap<string, Checked>): string {
  const items = places
    .flatMap((place) => itemsOf(place, isPublic))
    .filter(({ file }) => title !== "Optimizers" || !file.includes("/schedule/"));
  const rows = rowsOf(items);
  const areTrained = rows.some((row) => sum(casesOf(row, golden), "states") > 0);
  const lines = rows.map((row) => {
    const found = casesOf(row, golden);
    const names = row.names.map((name) => `\`${publicName(name)}\``).join(", ");
    const options = row.options.map((name) => `\`${name}\``).join(", ");
    const [what, source] = [sentence(row.item.doc), sourceOf(row.item)].map(cell);
    const [trained, states] = [sum(found, "trained"), sum(found, "states")];
    const modules = areTrained ? ` ${states ? `${trained}, ${states}` : ""} |` : "";
    return `| ${names} | ${what} | ${options} | ${source} | ${checkOf(row, found)} |${modules}`;
  });
  const head = "| | | options | source | checked against | cases (gradients, second) | largest error |";
  const [more, rule] = areTrained ? [" ten steps, state dict |", " -: |"] : ["", ""];
  return [`## ${title}`, "", head + more, `| - | - | - | - | - | -: | -: |${rule}`, ...lines, ""].join("\n");
}

const unchecked: string[] = [];
const golden = await runGolden();
const lines = [
  "# Vocabulary",
  "",
  "Every item with its options, its source, and what its numbers are checked against. Made by `scripts/docs/vocabulary.ts` from the code and from a run of the cases under [test/golden](../test/golden/README.md).",
  "",
  "A case compares every result, and the gradients of every input where there are some; in brackets stands how many have gradients, and how many compare second derivatives. The largest error is |ours − theirs| / max(1, |theirs|) over all of their numbers, most of which are float32; cases pass within PyTorch's own tolerances (float32: 1e-5 + 1.3e-6·|x|), optimizers' and schedules' paths of float64 within 1e-9. Pictures of bytes are equal, or within 1 of 255 where the reference rounds what it computes in another way. What is random, or has no numbers of its own, names its tests instead.",
  "",
  "Layers, blocks and networks with weights have a last column: in how many cases they are compared with the reference's module after ten steps of training (all weights, all normalisations' averages, and the outputs in evaluation after them), and in how many the names and shapes of its state dict are the same, and are filled from it. Of whole networks, gradients and weights are compared by one number each, ⟨values, fixed numbers⟩. Every block and network gives the same bits after `saveSafetensors` and `loadSafetensors` ([round-trip](../test/vision/round-trip.test.ts)), and nothing is left out ([complete](../test/golden/complete.test.ts)).",
  "",
  ...Object.entries(SECTIONS).map(([title, places]) => section(title, places, golden)),
];

if (unchecked.length > 0) throw new Error(`Nothing checks ${unchecked.join("; ")}.`);
deliver("vocabulary", lines);
