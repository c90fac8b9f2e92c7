/**
 * The part of speech of each word, by a bidirectional LSTM over words and their spelling: 96 % of the words of held-out texts, of
 * 230 tags, where each word's most frequent tag is right for 90 %.
 *
 *     chainrule train part-of-speech
 *     chainrule train part-of-speech --set tagset=universal      # of 12 tags
 *     chainrule predict "They refuse to permit us to obtain the refuse permit ."
 *
 * The Brown corpus's 500 texts, of which one in ten is held out, by seed: whole texts, so that their names and subjects are
 * new. Tags are the corpus's own, without the marks of titles, headlines and citations ("base").
 * Ma and Hovy, End-to-end sequence labeling via bi-directional LSTM-CNNs-CRF, 2016.
 */

import { compile, noGrad, type Tensor, tensor } from "chainrule";
import { DataLoader, stratified } from "chainrule/data";
import { Accuracy } from "chainrule/metrics";
import { sequenceCrossEntropy } from "chainrule/nn";
import { Adam, OneCycleLR } from "chainrule/optim";
import {
  BucketedDataset,
  brown,
  countTokens,
  padSequences,
  splitWords,
  type TaggedSentence,
  Tagger,
  Vocabulary,
} from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const WORDS = 30_000;
const LETTERS = 16; // of a longer word the first and the last eight
const LONGEST = 64; // words; a longer sentence is cut into pieces
const SIZES = [16, 32, LONGEST];
const NO_TAG = -100;

/** ASCII, which the corpus is written in: padding is 0, what else there is 1. */
const letterIds = (word: string): number[] => {
  const cut = word.length > LETTERS ? word.slice(0, LETTERS / 2) + word.slice(-LETTERS / 2) : word;
  return [...cut].map((letter) => Math.max(1, letter.charCodeAt(0) % 128));
};

async function corpus({ seed, tagset, texts }: { seed: number; tagset: string; texts: number }) {
  const sentences = await brown({ tagset: tagset === "universal" ? "universal" : "base" });
  const files = [...new Set(sentences.map(({ file }) => file))];
  const chosen = stratified(new Uint8Array(files.length), files.length / 10, { seed });
  const held = new Set(Array.from(chosen, (i) => files[i]));
  const kept = new Set(
    files.filter((file) => !held.has(file)).filter((_, i, { length }) => (i * texts) % length < texts),
  );
  const train = sentences.filter(({ file }) => kept.has(file));
  const test = sentences.filter(({ file }) => held.has(file));
  const lower = countTokens(train.map(({ words }) => words.map((word) => word.toLowerCase())));
  const specials = ["<pad>", "<unk>"];
  return {
    train,
    test,
    words: Vocabulary.fromCounts(lower, { minFreq: 2, maxTokens: WORDS, specials, unknown: "<unk>" }),
    tags: new Vocabulary([...new Set(sentences.flatMap(({ tags }) => tags))].sort()),
  };
}

/** The share of words whose tag is the most frequent of that word in training, or of all words if it was never met. */
function baseline(train: readonly TaggedSentence[], test: readonly TaggedSentence[]): number {
  const counts = new Map<string, Map<string, number>>();
  const count = (word: string, tag: string) => {
    const own = counts.get(word) ?? new Map<string, number>();
    counts.set(word, own.set(tag, (own.get(tag) ?? 0) + 1));
  };
  const ANY = ""; // no word is empty
  for (const { words, tags } of train) {
    for (const [i, word] of words.entries()) {
      count(word, tags[i]);
      count(ANY, tags[i]);
    }
  }
  const best = new Map([...counts].map(([word, own]) => [word, [...own].sort(([, a], [, b]) => b - a)[0][0]]));
  const right = test.flatMap(({ words, tags }) =>
    words.map((word, i) => (best.get(word) ?? best.get(word.toLowerCase()) ?? best.get(ANY)) === tags[i]),
  );
  return right.filter(Boolean).length / right.length;
}

/** Words (N, T) and their letters (N, T, LETTERS). */
function inputs(sentences: readonly (readonly string[])[], words: Vocabulary, length: number): [Tensor, Tensor] {
  const numbers = sentences.map((sentence) => words.lookupIndices(sentence.map((word) => word.toLowerCase())));
  const letters = new Int32Array(sentences.length * length * LETTERS);
  for (const [row, sentence] of sentences.entries()) {
    for (const [i, word] of sentence.entries()) letters.set(letterIds(word), (row * length + i) * LETTERS);
  }
  return [padSequences(numbers, { length }).tokens, tensor(letters, { shape: [sentences.length, length, LETTERS] })];
}

/** [words (N, T), letters (N, T, LETTERS), tags (N, T)] */
function examples(
  sentences: readonly TaggedSentence[],
  { words, tags }: { words: Vocabulary; tags: Vocabulary },
  options: { batchSize: number; seed: number; shuffle: boolean },
) {
  const pieces = sentences.flatMap((sentence) =>
    Array.from({ length: Math.ceil(sentence.words.length / LONGEST) }, (_, i) => ({
      words: sentence.words.slice(i * LONGEST, (i + 1) * LONGEST),
      tags: tags.lookupIndices(sentence.tags.slice(i * LONGEST, (i + 1) * LONGEST)),
    })),
  );
  const collate = (indices: Uint32Array, length: number): readonly [Tensor, Tensor, Tensor] => {
    const chosen = Array.from(indices, (i) => pieces[i]);
    const said = chosen.map((sentence) => sentence.words);
    const truth = padSequences(
      chosen.map((sentence) => sentence.tags),
      { length, paddingValue: NO_TAG },
    );
    return [...inputs(said, words, length), truth.tokens];
  };
  const lengths = pieces.map(({ words }) => words.length);
  return new BucketedDataset(lengths, collate, { ...options, sizes: SIZES });
}

/** The likeliest tag of each word of a sentence. */
async function tagged(model: Tagger, said: readonly string[], words: Vocabulary, tags: Vocabulary): Promise<string[]> {
  const best = await model
    .forward(...inputs([said], words, said.length))
    .argmax(2)
    .data(); // (1, T)
  return tags.lookupTokens(best);
}

export default defineRecipe({
  name: "part-of-speech",
  description: "the part of speech of each word, a bidirectional LSTM over words and letters",
  defaults: { epochs: 2, batchSize: 32, lr: 5e-3, seed: 0, tagset: "base", texts: 450, hidden: 128 },
  quick: { epochs: 1, batchSize: 16, texts: 90, hidden: 64, tagset: "universal" },

  data: async (settings) => {
    const { train, test, ...vocabularies } = await corpus(settings);
    const { batchSize, seed } = settings;
    return {
      train: examples(train, vocabularies, { batchSize, seed, shuffle: true }),
      test: examples(test, vocabularies, { batchSize, seed, shuffle: false }),
    };
  },
  shuffle: false, // batches of sentences of one length are mixed by the data set

  model: ({ tagset, hidden }) =>
    new Tagger(
      { words: WORDS, characters: 128, labels: tagset === "universal" ? 12 : 230 },
      { hiddenSize: hidden, dropout: 0.3 },
    ),
  optimizer: (model, { lr }) => new Adam(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps, pctStart: 0.1 }),
  trainingStep: (model, words, letters, tags) =>
    sequenceCrossEntropy(model.forward(words, letters), tags, { ignoreIndex: NO_TAG }),

  score: {
    name: "accuracy",
    of: (model, { batchSize }) => {
      const best = compile((words: Tensor, letters: Tensor) => noGrad(() => model.forward(words, letters).argmax(2)));
      return async (sentences) => {
        model.eval();
        const accuracy = new Accuracy({ ignoreIndex: NO_TAG }); // of words
        for await (const [words, letters, tags] of new DataLoader(sentences, { batchSize })) {
          accuracy.update(best(words, letters), tags);
        }
        return accuracy.compute();
      };
    },
  },

  samples: async (model, settings) => {
    const { train, test, words, tags } = await corpus(settings);
    const [sentence] = test.filter((sentence) => sentence.words.length > 8 && sentence.words.length < 16);
    const found = await tagged(model, sentence.words, words, tags);
    const shown = sentence.words.map(
      (word, i) => `${word}/${found[i]}${found[i] === sentence.tags[i] ? "" : ` (${sentence.tags[i]})`}`,
    );
    const share = (100 * baseline(train, test)).toFixed(2);
    return { "held-out.txt": `each word's most frequent tag: ${share} % right\n${shown.join(" ")}\n` };
  },

  async *predict(model, text, settings) {
    const { words, tags } = await corpus(settings);
    const said = splitWords(text);
    const found = await tagged(model, said, words, tags);
    const width = Math.max(...said.map(({ length }) => length));
    for (const [i, word] of said.entries()) yield `${word.padEnd(width)}  ${found[i]}\n`;
  },
});
