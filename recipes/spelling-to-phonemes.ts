/**
 * How English words are said: a GRU reads the letters in both directions, another writes phonemes, and attention decides at
 * each which letters it looks at.
 *
 *     chainrule train spelling-to-phonemes
 *     chainrule predict chainrule
 *
 * Words are those of CMU's pronouncing dictionary; 5 % of them are the test. Stress is ignored, and each pronunciation
 * that the dictionary lists is right. After each epoch, pictures show which letters each phoneme of some words looked at.
 * Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015; Luong, Pham and
 * Manning, Effective approaches to attention-based neural machine translation, 2015.
 */

import { compile, noGrad, type Tensor } from "chainrule";
import { DataLoader, Random, TensorDataset } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { AdamW, OneCycleLR } from "chainrule/optim";
import {
  ARPABET,
  attentionSvg,
  BucketedDataset,
  beamSearch,
  padSequences,
  pronouncingDictionary,
  RecurrentEncoderDecoder,
  Vocabulary,
} from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const [PADDING, START, END] = ["<padding>", "<start>", "<end>"];
const letters = new Vocabulary([PADDING, "<unknown>", ..."abcdefghijklmnopqrstuvwxyz'-."], { unknown: "<unknown>" });
const phonemes = new Vocabulary([PADDING, START, END, ...ARPABET]);
const [start, end] = [1, 2]; // the numbers of START and END

const LONGEST = 28; // letters or phonemes of a word
const SIZES = [6, 8, 10, 16]; // that training words are padded to

const spelled = (words: readonly string[], length?: number): Tensor =>
  padSequences(
    words.map((word) => letters.lookupIndices([...word])),
    { length },
  ).tokens;

const said = (pronunciations: readonly (readonly string[])[], length: number): Tensor =>
  padSequences(
    pronunciations.map((pronunciation) => phonemes.lookupIndices([START, ...pronunciation, END])),
    { length },
  ).tokens;

/** The dictionary's words in an order drawn by seed: what is learned, what settings are chosen by, and the test. */
async function split(seed: number) {
  const dictionary = await pronouncingDictionary({ stress: false });
  const random = new Random(seed);
  const words = [...dictionary].map((entry) => ({ entry, key: random.uniform() }));
  const mixed = words.sort((a, b) => a.key - b.key).map(({ entry }) => entry);
  const fifth = Math.floor(mixed.length / 20);
  return { test: mixed.slice(0, fifth), validation: mixed.slice(fifth, 2 * fifth), train: mixed.slice(2 * fifth) };
}

type Entries = readonly (readonly [word: string, pronunciations: readonly (readonly string[])[]])[];

/** Each pronunciation of each word that is not too long, batches of words about as long as one another. */
function lessons(entries: Entries, batchSize: number, seed: number) {
  const all = entries.flatMap(([word, pronunciations]) => pronunciations.map((spoken) => ({ word, spoken })));
  const lengthOf = ({ word, spoken }: (typeof all)[number]) => Math.max(word.length, spoken.length + 1);
  const short = all.filter((lesson) => lengthOf(lesson) <= SIZES[SIZES.length - 1]);
  const full = short.slice(0, short.length - (short.length % batchSize)); // all batches are of one size
  const collate = (indices: Uint32Array, size: number) => {
    const chosen = Array.from(indices, (i) => full[i]);
    const source = spelled(
      chosen.map(({ word }) => word),
      size,
    ); // (B, size)
    return [
      source,
      said(
        chosen.map(({ spoken }) => spoken),
        size + 1,
      ),
    ] as const; // (B, size + 1)
  };
  return new BucketedDataset(full.map(lengthOf), collate, { batchSize, sizes: SIZES, seed });
}

/** Every word, the short ones first, with all that is right: letters (LONGEST) and pronunciations (most, LONGEST + 2). */
function exam(entries: Entries) {
  const sorted = [...entries].sort(([a], [b]) => a.length - b.length);
  const most = Math.max(...sorted.map(([, pronunciations]) => pronunciations.length));
  const right = sorted.flatMap(([, all]) => Array.from({ length: most }, (_, i) => all[i] ?? all[0]));
  const source = spelled(
    sorted.map(([word]) => word),
    LONGEST,
  );
  return new TensorDataset(source, said(right, LONGEST + 2).reshape([sorted.length, most, LONGEST + 2]));
}

/** A function that writes the likeliest phonemes of a batch of words (B, S), as numbers. */
function speaker(model: RecurrentEncoderDecoder, beam: number) {
  const begin = compile((source: Tensor) => noGrad(() => model.begin(source)));
  const search = beamSearch(model.next, { start, end, maxLength: LONGEST + 1, beam });
  return async (source: Tensor) => (await search(begin(source))).map(([{ tokens }]) => tokens);
}

/** What is written of each word, and how much each phoneme, and the end, looked at each letter. */
async function read(model: RecurrentEncoderDecoder, words: readonly string[], beam: number) {
  const source = spelled(words, LONGEST);
  const spoken = (await speaker(model, beam)(source)).map((tokens) => phonemes.lookupTokens(tokens));
  const weights = noGrad(() => model.align(source, said(spoken, LONGEST + 2))); // (N, T, S)
  return words.map((word, i) => {
    const rows = spoken[i].length + 1; // the start leads to the first phoneme, the last to the end
    return { word, spoken: spoken[i], weights: weights.select(0, i).narrow(0, 0, rows).narrow(1, 0, word.length) };
  });
}

const SHOWN = ["through", "knowledge", "psychology", "chainrule"];

export default defineRecipe({
  name: "spelling-to-phonemes",
  description: "how words are said, from their letters, with attention",
  defaults: {
    epochs: 12,
    batchSize: 128,
    lr: 1e-3,
    seed: 0,
    width: 256,
    dropout: 0.2,
    beam: 2,
    words: 0, // to learn from; 0 means all
    heldOut: "test", // or "validation"
  },
  quick: { epochs: 1, lr: 3e-3, words: 16_000, width: 128, dropout: 0, beam: 1 },

  data: async ({ seed, batchSize, words, heldOut }) => {
    const parts = await split(seed);
    const count = words === 0 ? parts.train.length : words;
    const held = heldOut === "validation" ? parts.validation : parts.test;
    return {
      train: lessons(parts.train.slice(0, count), batchSize, seed),
      test: exam(held.slice(0, Math.ceil(count / 18))), // 5 % beside 90 %
    };
  },
  shuffle: false, // the lessons mix themselves

  model: ({ width, dropout }) =>
    new RecurrentEncoderDecoder(letters.length, phonemes.length, width, { embeddingDim: 64, dropout }),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr, betas: [0.9, 0.98] }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps, pctStart: 0.15 }),
  trainingStep: (model, source, target: Tensor) => {
    const logits = model.forward(source, target.slice(":, :-1")); // what is to follow each phoneme
    return crossEntropy(logits.flatten(0, 1), target.slice(":, 1:").flatten(), { ignoreIndex: 0, labelSmoothing: 0.1 });
  },

  score: {
    name: "words right",
    of: (model, { beam }) => {
      const speak = speaker(model, beam);
      return async (words, signal) => {
        model.eval();
        let right = 0;
        for (const [source, target] of new DataLoader(words, { batchSize: 500 })) {
          const found = await speak(source);
          if (signal?.aborted) return undefined;
          const truths = (await target.array()) as number[][][];
          for (const [i, tokens] of found.entries()) {
            const written = [start, ...tokens, end].join(" ");
            const isRight = (truth: number[]) => truth.slice(0, truth.indexOf(end) + 1).join(" ") === written;
            if (truths[i].some(isRight)) right++;
          }
        }
        return right / words.length;
      };
    },
  },

  samples: async (model, { beam }) => {
    const results = await read(model, SHOWN, beam);
    const lines = results.map(({ word, spoken }) => `${word}: ${spoken.join(" ")}\n`);
    const pictures = results.map(async ({ word, spoken, weights }) => {
      return [`${word}.svg`, await attentionSvg(weights, [...spoken, "end"], [...word], { title: word })];
    });
    return { "words.txt": lines.join(""), ...Object.fromEntries(await Promise.all(pictures)) };
  },

  async *predict(model, text, { beam }) {
    model.eval();
    const words = text.toLowerCase().match(/\S+/g) ?? [];
    for (const { spoken } of await read(model, words, beam)) yield `${spoken.join(" ")}\n`;
  },
});
