/**
 * The King James Bible, character by character: a small GPT.
 *
 *     chainrule train kjv-gpt
 *     chainrule train kjv-gpt --quick
 *     chainrule predict "In the beginning"
 *
 * The last tenth of the text is held out. An epoch is 4,000 windows of 256 characters from anywhere in the rest, about a
 * million characters.
 * Radford et al., Language models are unsupervised multitask learners, 2019; Jordan et al., Muon, 2024.
 */

import { compile, noGrad, type Tensor, tensor } from "chainrule";
import { DataLoader, type Dataset, Subset } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { MuonAdamW, WarmupCosineLR } from "chainrule/optim";
import { CharTokenizer, GPT, generate, kingJames, LanguageModelWindows } from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const VOCABULARY = 63; // characters of the text

async function bible() {
  const verses = await kingJames();
  const text = verses.map((verse) => verse.text).join("\n");
  const tokenizer = CharTokenizer.train(text);
  return { tokenizer, tokens: tokenizer.encode(text) };
}

/**
 * Windows that begin every half window: [input (T), target (T)]. Only the second half of each is scored, so that every
 * character has at least half a window before it.
 */
class Overlapping implements Dataset<readonly [input: Tensor, target: Tensor]> {
  readonly length: number;
  readonly #tokens: Int32Array;
  readonly #window: number;

  constructor(tokens: Int32Array, window: number) {
    this.length = Math.floor((2 * (tokens.length - 1)) / window) - 1;
    this.#tokens = tokens;
    this.#window = window;
  }

  get(index: number): readonly [input: Tensor, target: Tensor] {
    const start = (index * this.#window) / 2;
    const from = (at: number) => tensor(this.#tokens.slice(at, at + this.#window));
    return [from(start), from(start + 1)];
  }
}

export default defineRecipe({
  name: "kjv-gpt",
  description: "the King James Bible by characters, a GPT",
  defaults: {
    epochs: 5,
    batchSize: 16,
    lr: 0.02,
    seed: 0,
    width: 192,
    depth: 6,
    heads: 6,
    context: 256,
    windows: 4000,
  },
  quick: { epochs: 1, width: 96, depth: 3, heads: 3, context: 128 },

  data: async ({ context, windows, seed }) => {
    const { tokens } = await bible();
    const cut = Math.floor(0.9 * tokens.length);
    const anywhere = new LanguageModelWindows(tokens.subarray(0, cut), { length: context, order: "random", seed });
    return {
      train: new Subset(
        anywhere,
        Array.from({ length: windows }, (_, i) => i),
      ),
      test: new Overlapping(tokens.subarray(cut - context / 2), context),
    };
  },

  model: ({ context: contextLength, width, depth, heads }) =>
    new GPT({
      vocabSize: VOCABULARY,
      contextLength,
      width,
      depth,
      heads,
      positions: "rotary",
      bias: false,
      tied: false,
    }),
  optimizer: (model, { lr }) => {
    const layers = model.h.flatMap(({ attn, mlp }) => [attn.c_attn, attn.c_proj, mlp.c_fc, mlp.c_proj]);
    const hidden = new Set(layers.map(({ weight }) => weight));
    const rest = model.parameters().filter((p) => !hidden.has(p));
    return new MuonAdamW([
      { params: [...hidden], method: "muon", lr },
      { params: rest, lr: 0.15 * lr },
    ]);
  },
  schedule: (optimizer, steps) => new WarmupCosineLR(optimizer, { numWarmupSteps: 30, numTrainingSteps: steps }),
  loss: (logits, y) => crossEntropy(logits.flatten(0, 1), y.flatten()),

  score: {
    name: "nats a character",
    format: "number",
    of: (model, { context }) => {
      const half = context / 2;
      const step = compile((x: Tensor, y: Tensor) =>
        noGrad(() =>
          crossEntropy(model.forward(x).narrow(1, half, half).flatten(0, 1), y.narrow(1, half, half).flatten()),
        ),
      );
      return async (windows, signal) => {
        model.eval();
        let nats = 0;
        for (const [x, y] of new DataLoader(windows, { batchSize: 32 })) {
          nats += (await step(x, y).item()) * x.shape[0];
          if (signal?.aborted) return undefined;
        }
        return nats / windows.length;
      };
    },
  },

  samples: async (model) => {
    let text = "";
    for await (const piece of write(model, "And ", 400)) text += piece;
    return { "sample.txt": `And ${text}\n` };
  },
  predict: (model, text) => write(model, text, 1000),
});

/** What the model writes after a text. */
async function* write(model: GPT, text: string, maxNewTokens: number): AsyncGenerator<string> {
  const { tokenizer } = await bible();
  const tokens = generate(model, [...tokenizer.encode(text)], { maxNewTokens, temperature: 0.8 });
  for await (const token of tokens) yield tokenizer.decode([token]);
}
