/**
 * The copy problem: remember a few symbols over a long silence, then say them. Nothing in the silence helps; without
 * memory one symbol in eight is right.
 *
 *     chainrule train copy
 *     chainrule train copy --set delay=40
 *
 * Hochreiter and Schmidhuber, Long short-term memory, 1997; as here in Arjovsky, Shah and Bengio, Unitary evolution
 * recurrent neural networks, 2016.
 */

import { cat, Generator, oneHot, randint, type Tensor, zeros } from "chainrule";
import { TensorDataset } from "chainrule/data";
import { crossEntropy, GRU, Linear, Module } from "chainrule/nn";
import { Adam, OneCycleLR } from "chainrule/optim";
import { accuracyOf, defineRecipe } from "chainrule/train";

const SYMBOLS = 8;
const [BLANK, NOW] = [SYMBOLS, SYMBOLS + 1];

/** `count` times some symbols, `delay` blanks, the sign to speak, and blanks (N, 2·symbols + delay); and the symbols (N, symbols). */
function sequences(count: number, symbols: number, delay: number, seed: number) {
  const said = randint(0, SYMBOLS, [count, symbols], { generator: new Generator(seed) });
  const blanks = (times: number) => zeros([count, times], { dtype: "i32" }).add(BLANK);
  const sign = zeros([count, 1], { dtype: "i32" }).add(NOW);
  return new TensorDataset(cat([said, blanks(delay), sign, blanks(symbols - 1)], 1), said);
}

class Copier extends Module {
  readonly symbols: number;
  readonly gru: GRU;
  readonly head: Linear;

  constructor(symbols: number, hidden: number) {
    super();
    this.symbols = symbols;
    this.gru = new GRU(SYMBOLS + 2, hidden, { batchFirst: true });
    this.head = new Linear(hidden, SYMBOLS);
  }

  /** (B, T) of tokens ─► logits of the symbols, as crossEntropy takes them: (B, 8, symbols) */
  override forward(tokens: Tensor): Tensor {
    const [outputs] = this.gru.forward(oneHot(tokens, SYMBOLS + 2).to("f32")); // (B, T, H)
    const spoken = outputs.narrow(1, tokens.shape[1] - this.symbols, this.symbols);
    return this.head.forward(spoken).transpose(1, 2);
  }
}

export default defineRecipe({
  name: "copy",
  description: "symbols said again after a silence, GRU",
  defaults: { epochs: 8, batchSize: 64, lr: 5e-3, seed: 0, symbols: 5, delay: 20, hidden: 128 },
  quick: { epochs: 4, symbols: 4, delay: 10, hidden: 64 },

  input: { shape: [30], dtype: "i32" },

  data: async ({ symbols, delay, seed }) => ({
    train: sequences(20_000, symbols, delay, seed),
    test: sequences(1000, symbols, delay, seed + 1),
  }),

  model: ({ symbols, hidden }) => new Copier(symbols, hidden),
  optimizer: (model, { lr }) => new Adam(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  loss: crossEntropy,
  score: {
    name: "symbols right",
    of: (model, { symbols }) => {
      const right = accuracyOf(model); // how many symbols of a sequence, since argmax is of (B, 8, symbols)
      return async (examples, signal) => {
        const share = await right(examples, signal);
        return share === undefined ? undefined : share / symbols;
      };
    },
  },
});
