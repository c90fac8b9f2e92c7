/**
 * The King James Bible, words that were masked: a small BERT guesses them from the words on both sides.
 *
 *     chainrule train kjv-bert
 *     chainrule train kjv-bert --quick
 *     chainrule predict "In the [MASK] God created the [MASK] and the earth."
 *
 * Words are small letters, punctuation counts as words, and of what is not among the most frequent ones nothing is to be
 * guessed. The last tenth of the text is held out. An epoch is a number of windows from anywhere in the rest.
 * Devlin et al., BERT: pre-training of deep bidirectional transformers for language understanding, 2019.
 */

import { compile, noGrad, type Tensor, tensor } from "chainrule";
import { DataLoader, type Dataset, Random } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { MuonAdamW, WarmupLinearLR } from "chainrule/optim";
import { BERTMaskedLM, kingJames, maskTokens, WordTokenizer } from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const MASK = "[MASK]";

async function read(vocabulary: number) {
  const verses = await kingJames();
  const lines = verses.map((verse) => verse.text);
  const specials = { unk: "[UNK]", mask: MASK };
  const tokenizer = WordTokenizer.train(lines, { specials, maxTokens: vocabulary });
  const tokens = Int32Array.from(lines.flatMap((text) => [...tokenizer.encode(text)]));
  const cut = Math.floor(0.9 * tokens.length);
  return { tokenizer, train: tokens.subarray(0, cut), test: tokens.subarray(cut) };
}

const texts = new Map<number, ReturnType<typeof read>>();

/** Read once for a size of the vocabulary. */
function bible(vocabulary: number): ReturnType<typeof read> {
  const found = texts.get(vocabulary) ?? read(vocabulary);
  texts.set(vocabulary, found);
  return found;
}

/** Windows of a text with some words masked: [tokens (T), labels (T)], labels being −100 where nothing is to be guessed. */
class MaskedWindows implements Dataset<readonly [tokens: Tensor, labels: Tensor]> {
  readonly length: number;
  readonly #window: (index: number, random: Random) => Int32Array;
  readonly #tokenizer: WordTokenizer;
  readonly #seed: number;

  /** As many windows as are given from anywhere, or all one after the other. */
  constructor(
    tokens: Int32Array,
    tokenizer: WordTokenizer,
    { context, windows, seed }: { context: number; windows?: number; seed: number },
  ) {
    const from = (start: number) => tokens.subarray(start, start + context);
    this.#tokenizer = tokenizer;
    this.#seed = seed;
    this.length = windows ?? Math.floor(tokens.length / context);
    this.#window = (index, random) => from(windows ? random.integer(tokens.length - context) : index * context);
  }

  get(index: number, epoch = 0): readonly [tokens: Tensor, labels: Tensor] {
    const random = new Random(this.#seed, epoch, index);
    const { vocabSize, specialIds } = this.#tokenizer;
    const { unk = 0, mask = 1 } = specialIds;
    const words = this.#window(index, random);
    const { tokens, labels } = maskTokens(words, { maskId: mask, vocabSize, specialIds: [unk], random });
    return [tensor(tokens), tensor(labels)];
  }
}

interface Sizes {
  context: number;
  vocabulary: number;
  seed: number;
}

const heldOut = async ({ context, vocabulary, seed }: Sizes) => {
  const { tokenizer, test } = await bible(vocabulary);
  return new MaskedWindows(test, tokenizer, { context, seed });
};

interface Figures {
  right: number;
  nats: number;
}

/** The share of masked words that are guessed right, and the nats a word: −ln of the probability of what was there. */
function measured(model: BERTMaskedLM) {
  const step = compile((tokens: Tensor, labels: Tensor) =>
    noGrad(() => {
      const logits = model.forward(tokens).flatten(0, 1); // (B·T, V)
      const truth = labels.flatten();
      return {
        nats: crossEntropy(logits, truth, { reduction: "sum" }),
        right: logits.argmax(1).eq(truth).to("f32").sum(),
        count: truth.ge(0).to("f32").sum(),
      };
    }),
  );
  return async (examples: Dataset<readonly [Tensor, Tensor]>, signal?: AbortSignal): Promise<Figures | undefined> => {
    model.eval();
    const sums = { nats: 0, right: 0, count: 0 };
    for (const [tokens, labels] of new DataLoader(examples, { batchSize: 32 })) {
      const found = step(tokens, labels);
      sums.nats += await found.nats.item();
      sums.right += await found.right.item();
      sums.count += await found.count.item();
      if (signal?.aborted) return undefined;
    }
    return { nats: sums.nats / sums.count, right: sums.right / sums.count };
  };
}

/** What is known of the same words without their neighbours, by how often each is met. */
async function unigram(settings: Sizes): Promise<Figures> {
  const { tokenizer, train } = await bible(settings.vocabulary);
  const counts = new Float64Array(tokenizer.vocabSize).fill(1);
  for (const word of train) counts[word]++;
  counts[tokenizer.specialIds.unk ?? 0] = 0; // is never asked for
  const total = counts.reduce((a, b) => a + b);
  const best = counts.indexOf(Math.max(...counts));
  const examples = await heldOut(settings);
  const truth = Array.from({ length: examples.length }, (_, i) => examples.get(i)[1].dataSync()).flatMap((labels) =>
    Array.from(labels).filter((label) => label >= 0),
  );
  const nats = truth.reduce((sum, word) => sum - Math.log(counts[word] / total), 0) / truth.length;
  return { nats, right: truth.filter((word) => word === best).length / truth.length };
}

export default defineRecipe({
  name: "kjv-bert",
  description: "masked words of the King James Bible, a BERT",
  defaults: {
    epochs: 5,
    batchSize: 32,
    lr: 0.02,
    seed: 0,
    width: 128,
    depth: 3,
    heads: 4,
    context: 64,
    vocabulary: 2000,
    windows: 12_800,
  },
  quick: { epochs: 1, batchSize: 16, width: 64, depth: 2, context: 32, vocabulary: 1000, windows: 24_000 },

  data: async (settings) => {
    const { tokenizer, train } = await bible(settings.vocabulary);
    return { train: new MaskedWindows(train, tokenizer, settings), test: await heldOut(settings) };
  },

  model: ({ vocabulary: vocabSize, context: contextLength, width, depth, heads }) =>
    new BERTMaskedLM({ vocabSize, contextLength, width, depth, heads, segments: 1, dropout: 0 }),
  optimizer: (model, { lr }) => {
    const hidden = new Set(model.bert.encoder.parameters().filter(({ ndim }) => ndim === 2));
    const rest = model.parameters().filter((p) => !hidden.has(p));
    return new MuonAdamW([
      { params: [...hidden], method: "muon", lr },
      { params: rest, lr: 0.5 * lr },
    ]);
  },
  schedule: (optimizer, steps) =>
    new WarmupLinearLR(optimizer, { numWarmupSteps: Math.ceil(steps / 10), numTrainingSteps: steps }),
  loss: (logits, labels) => crossEntropy(logits.flatten(0, 1), labels.flatten()),

  score: {
    name: "masked words right",
    of: (model) => {
      const measure = measured(model);
      return async (examples, signal) => (await measure(examples, signal))?.right;
    },
  },

  samples: async (model, settings) => {
    const found = await measured(model)(await heldOut(settings));
    const alone = await unigram(settings);
    const line = (name: string, { right, nats }: Figures) =>
      `${name}: ${(100 * right).toFixed(1)} % right, ${nats.toFixed(3)} nats a masked word\n`;
    let text = line("by how often each word is met", alone);
    if (found) text += line("from the words around it", found);
    for await (const piece of guessed(model, "In the [MASK] God created the [MASK] and the earth.", settings))
      text += piece;
    return { "held-out.txt": text };
  },
  predict: (model, text, settings) => guessed(model, text, settings),
});

/** The likeliest words for each mask of a text. */
async function* guessed(model: BERTMaskedLM, text: string, { vocabulary, context }: Sizes): AsyncGenerator<string> {
  const { tokenizer } = await bible(vocabulary);
  const { mask = 1 } = tokenizer.specialIds;
  const pieces = text.split(MASK).map((piece) => [...tokenizer.encode(piece)]);
  const tokens = pieces.flatMap((piece, i) => (i === 0 ? piece : [mask, ...piece])).slice(0, context);
  const probabilities = noGrad(() =>
    model
      .eval()
      .forward(tensor([tokens], { dtype: "i32" }))
      .softmax(2)
      .select(0, 0),
  );
  for (const [i, token] of tokens.entries()) {
    if (token !== mask) continue;
    const { values, indices } = probabilities.select(0, i).topk(5);
    const [shares, words] = [await values.data(), await indices.data()];
    const found = tokenizer.vocabulary.lookupTokens(words);
    const shown = found.map((word, k) => `${word} ${(100 * shares[k]).toFixed(0)} %`);
    yield `${shown.join(", ")}\n`;
  }
}
