/** The `--quick` form of everything in recipes/, with figures that learning reaches with room to spare and nothing else does. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { chainrule, workplace } from "./command.ts";

const folder = workplace();

/** Runs a command to its end and gives its JSON lines. */
async function eventsOf(args: readonly string[]): Promise<Record<string, unknown>[]> {
  const outcome = await chainrule(folder, [...args, "--quick", "--json"]);
  expect(outcome).toMatchObject({ code: 0 });
  const lines = outcome.stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

/** Each recipe's score, and what it must exceed, or fall below. */
const RECIPES: Readonly<Record<string, readonly [score: string, bound: number | { below: number }]>> = {
  copy: ["symbols right", 0.7], // one of eight by chance
  dates: ["dates right", 0.8],
  "digits-detection": ["AP50", 0.6],
  "digits-segmentation": ["mean IoU", 0.25],
  "fashion-resnet": ["accuracy", 0.7],
  forecast: ["skill", 0.2], // 0 is the naive forecast
  "kjv-gpt": ["nats a character", { below: 2 }], // a table of what follows each character knows 2.32
  "kjv-lstm": ["nats a character", { below: 1.95 }],
  "mnist-99": ["accuracy", 0.96],
  "mnist-cnn": ["accuracy", 0.97],
  "mnist-mlp": ["accuracy", 0.93],
  "part-of-speech": ["accuracy", 0.85], // a noun everywhere is right for a quarter
  spam: ["F1", 0.9], // spam everywhere has 0.45
  "spelling-to-phonemes": ["words right", 0.1],
  "spoken-digits": ["digits right", 0.5],
};

describe("the quick form of a recipe learns", () => {
  test.each(Object.entries(RECIPES))("%s", async (name, [score, bound]) => {
    const events = await eventsOf(["train", name]);
    const results = events.filter(({ event }) => event === "epoch");
    const reached = results.at(-1)?.[score];
    if (typeof bound === "number") expect(reached).toBeGreaterThan(bound);
    else expect(reached).toBeLessThan(bound.below);
  });
});

const COMPARISONS: Readonly<Record<string, (rows: Readonly<Record<string, number>>[]) => void>> = {
  adding: (rows) => {
    expect(rows.map((row) => row.layer)).toEqual(["RNN", "GRU", "LSTM"]);
    const [plain, gru, lstm] = rows.map((row) => row["squared error"]);
    expect(gru).toBeLessThan(0.02); // always answering 1 has 0.167
    expect(lstm).toBeLessThan(0.05);
    expect(plain).toBeGreaterThan(0.1);
  },
  degradation: (rows) => {
    expect(rows.map((row) => row.network)).toEqual(["plain-20", "plain-56", "ResNet-20", "ResNet-56"]);
    const [plain20, plain56, resnet20, resnet56] = rows.map((row) => row["training loss"]);
    expect(resnet20).toBeLessThan(1.2); // nothing is known yet at ln 10 = 2.3
    expect(resnet56).toBeLessThan(plain56);
    expect(plain20).toBeLessThan(plain56);
  },
  kernels: ([three, one]) => {
    expect(three["test accuracy"]).toBeGreaterThan(0.9);
    expect(three.parameters).toBeLessThan(one.parameters);
    expect(three["receptive field"]).toBe(one["receptive field"]);
  },
  spam: (rows) => {
    expect(rows.map((row) => row.model)).toEqual(["bag of words", "CNN", "LSTM", "transformer"]);
    for (const { F1 } of rows) expect(F1).toBeGreaterThan(0.75); // spam everywhere has 0.45
  },
  transfer: (rows) => {
    const [scratch, frozen, tuned] = rows.map((row) => row["test accuracy"]);
    for (const accuracy of [scratch, frozen, tuned]) expect(accuracy).toBeGreaterThan(0.8);
    expect(tuned).toBeGreaterThan(scratch);
  },
};

describe("the quick form of a comparison learns", () => {
  test.each(Object.entries(COMPARISONS))("%s", async (name, check) => {
    const events = await eventsOf(["compare", name]);
    check(events.filter(({ event }) => event === "row") as Record<string, number>[]);
    expect(events.at(-1)).toMatchObject({ event: "done" });
  });
});

test("all of them are here", () => {
  const names = (path: string) => {
    const files = readdirSync(fileURLToPath(new URL(`../../recipes/${path}`, import.meta.url)));
    return files.filter((name) => name.endsWith(".ts")).map((name) => name.replace(".ts", ""));
  };
  expect(Object.keys(RECIPES)).toEqual(names("").sort());
  expect(Object.keys(COMPARISONS)).toEqual(names("comparisons").sort());
});
