/**
 * Dates as people write them, turned into 1987-05-03: a GRU with attention reads and writes characters.
 *
 *     chainrule train dates
 *     chainrule predict "the third of May, 1987"
 *
 * Dates from 1950 to 2049, in one of thirteen ways each time, are drawn by seed while the network trains; those of the
 * test are never among them, in any way of writing. Of figures between slashes the month is the first, as in America,
 * between dots the day; two figures of a year lie between 1950 and 2049.
 */

import { compile, noGrad, type Tensor } from "chainrule";
import { DataLoader, type Dataset, Random } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { AdamW, OneCycleLR } from "chainrule/optim";
import { beamSearch, generate, padSequences, RecurrentEncoderDecoder, Vocabulary } from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const ORDINALS = [
  ..."first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth".split(" "),
  ..."fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(" "),
  ..."first second third fourth fifth sixth seventh eighth ninth".split(" ").map((unit) => `twenty-${unit}`),
  "thirtieth",
  "thirty-first",
];
const DAY = 24 * 60 * 60 * 1000; // ms
const FIRST = Date.UTC(1950, 0, 1) / DAY;
const DAYS = Date.UTC(2050, 0, 1) / DAY - FIRST;

const two = (n: number): string => String(n % 100).padStart(2, "0");

/** 1st, 2nd, 3rd, 4th, …, 11th, … */
const numbered = (n: number): string => {
  const tail = n % 100 > 10 && n % 100 < 14 ? undefined : ["st", "nd", "rd"][(n % 10) - 1];
  return `${n}${tail ?? "th"}`;
};

const WAYS: readonly ((day: number, month: number, year: number, weekday: string) => string)[] = [
  (d, m, y) => `${MONTHS[m]} ${d}, ${y}`,
  (d, m, y) => `${d} ${MONTHS[m]} ${y}`,
  (d, m, y) => `${MONTHS[m]} ${numbered(d)} ${y}`,
  (d, m, y) => `the ${numbered(d)} of ${MONTHS[m]}, ${y}`,
  (d, m, y) => `the ${ORDINALS[d - 1]} of ${MONTHS[m]}, ${y}`,
  (d, m, y, weekday) => `${weekday} ${d} ${MONTHS[m]} ${y}`,
  (d, m, y, weekday) => `${weekday}, ${MONTHS[m]} ${d}, ${y}`,
  (d, m, y, weekday) => `${weekday.slice(0, 3)}, ${two(d)} ${MONTHS[m].slice(0, 3)} ${y}`,
  (d, m, y) => `${d}-${MONTHS[m].slice(0, 3).toUpperCase()}-${two(y)}`,
  (d, m, y) => `${m + 1}/${d}/${two(y)}`,
  (d, m, y) => `${two(m + 1)}/${two(d)}/${y}`,
  (d, m, y) => `${d}.${m + 1}.${y}`,
  (d, m, y) => `${two(d)}.${two(m + 1)}.${two(y)}`,
];

/** A day, counted from the first of 1950, as it is written in some way, and as it is to be. */
function written(day: number, way: number): [source: string, target: string] {
  const date = new Date((FIRST + day) * DAY);
  const [d, m, y] = [date.getUTCDate(), date.getUTCMonth(), date.getUTCFullYear()];
  return [WAYS[way](d, m, y, WEEKDAYS[date.getUTCDay()]), date.toISOString().slice(0, 10)];
}

const CHARACTERS = [..." ,-./0123456789", ..."abcdefghijklmnopqrstuvwxyz", ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const characters = new Vocabulary(["<padding>", "<unknown>", ...CHARACTERS], { unknown: "<unknown>" });
const figures = new Vocabulary(["<padding>", "<start>", "<end>", ..."-0123456789"]);
const [start, end] = [1, 2];
const LONGEST = 36; // characters: "the twenty-eighth of September, 1987"

const source = (texts: readonly string[]): Tensor =>
  padSequences(
    texts.map((text) => characters.lookupIndices([...text].slice(0, LONGEST))),
    { length: LONGEST },
  ).tokens;

const target = (texts: readonly string[]): Tensor =>
  padSequences(texts.map((text) => figures.lookupIndices(["<start>", ...text, "<end>"]))).tokens;

/** Some of the days in ways that are drawn anew in each epoch. */
class Dates implements Dataset<readonly [Tensor, Tensor]> {
  readonly length: number;
  readonly #days: readonly number[];
  readonly #seed: number;

  constructor(days: readonly number[], length: number, seed: number) {
    this.length = length;
    this.#days = days;
    this.#seed = seed;
  }

  get(index: number, epoch = 0): readonly [Tensor, Tensor] {
    const [sources, targets] = this.batch(Uint32Array.of(index), epoch);
    return [sources.squeeze(0), targets.squeeze(0)];
  }

  batch(indices: Uint32Array, epoch = 0): readonly [Tensor, Tensor] {
    const pairs = Array.from(indices, (index) => {
      const random = new Random(this.#seed, epoch, index);
      return written(this.#days[random.integer(this.#days.length)], random.integer(WAYS.length));
    });
    return [source(pairs.map(([text]) => text)), target(pairs.map(([, iso]) => iso))]; // (B, LONGEST), (B, 12)
  }
}

/** A function that writes the dates of a batch (B, LONGEST). */
function writer(model: RecurrentEncoderDecoder) {
  const begin = compile((texts: Tensor) => noGrad(() => model.begin(texts)));
  const search = beamSearch(model.next, { start, end, maxLength: 11, beam: 1 });
  return async (texts: Tensor): Promise<string[]> => {
    const found = await search(begin(texts));
    return found.map(([{ tokens }]) => figures.lookupTokens(tokens).join(""));
  };
}

export default defineRecipe({
  name: "dates",
  description: "dates in thirteen ways of writing turned into one, GRU with attention",
  defaults: { epochs: 3, batchSize: 64, lr: 4e-3, seed: 0, dates: 16_000, width: 96 },
  quick: { epochs: 2, dates: 8000 },

  data: async ({ dates, seed }) => {
    const random = new Random(seed);
    const days = Array.from({ length: DAYS }, (_, day) => ({ day, key: random.uniform() }));
    const mixed = days.sort((a, b) => a.key - b.key).map(({ day }) => day);
    return { train: new Dates(mixed.slice(2000), dates, seed), test: new Dates(mixed.slice(0, 2000), 2000, seed) };
  },

  model: ({ width }) => new RecurrentEncoderDecoder(characters.length, figures.length, width, { embeddingDim: 32 }),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  trainingStep: (model, texts, dates: Tensor) => {
    const logits = model.forward(texts, dates.slice(":, :-1")); // what is to follow each character
    return crossEntropy(logits.flatten(0, 1), dates.slice(":, 1:").flatten());
  },

  score: {
    name: "dates right",
    of: (model) => {
      const write = writer(model);
      return async (dates, signal) => {
        model.eval();
        let right = 0;
        for (const [texts, truth] of new DataLoader(dates, { batchSize: 500 })) {
          const rows = (await truth.array()) as number[][];
          const found = await write(texts);
          if (signal?.aborted) return undefined;
          right += found.filter((text, i) => text === figures.lookupTokens(rows[i].slice(1, -1)).join("")).length;
        }
        return right / dates.length;
      };
    },
  },

  samples: async (model, { seed }) => {
    const random = new Random(seed, 0, 1);
    const texts = WAYS.map((_, way) => written(random.integer(DAYS), way)[0]);
    const found = await writer(model)(source(texts));
    return { "dates.txt": texts.map((text, i) => `${text.padEnd(LONGEST)}  ${found[i]}\n`).join("") };
  },

  async *predict(model, text) {
    model.eval();
    const tokens = characters.lookupIndices([...text].slice(0, LONGEST));
    const options = { temperature: 0, stopTokens: [end], maxNewTokens: 11 };
    for await (const token of generate(model, [...tokens], options))
      if (token !== end) yield figures.lookupTokens([token])[0];
  },
});
