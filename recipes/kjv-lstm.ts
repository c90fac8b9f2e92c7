/**
 * The King James Bible, character by character: an LSTM that carries its memory through the whole text.
 *
 *     chainrule train kjv-lstm
 *     chainrule train kjv-lstm --quick
 *     chainrule predict "In the beginning"
 *
 * The last tenth of the text is held out. Truncated backpropagation through time: 64 pieces of the text are read side by
 * side, 64 characters a step, and each step goes on from the state of the one before.
 * Mikolov et al., Recurrent neural network based language model, 2010; Jordan et al., Muon, 2024.
 */

import { compile, noGrad, type Parameter, type Tensor, Variable, zeros } from "chainrule";
import { DataLoader } from "chainrule/data";
import { crossEntropy } from "chainrule/nn";
import { MuonAdamW, WarmupCosineLR } from "chainrule/optim";
import { CharTokenizer, generate, kingJames, LanguageModelWindows, LSTMLanguageModel } from "chainrule/text";
import { defineRecipe } from "chainrule/train";

const VOCABULARY = 63; // characters of the text
const TEST_ROWS = 16; // pieces of the held-out text that are read side by side

async function bible() {
  const verses = await kingJames();
  const text = verses.map((verse) => verse.text).join("\n");
  const tokenizer = CharTokenizer.train(text);
  return { tokenizer, tokens: tokenizer.encode(text) };
}

/** The model, with what it remembers of the pieces that it is being trained on. */
class Reader extends LSTMLanguageModel {
  readonly h: Variable;
  readonly c: Variable;

  constructor(hiddenSize: number, rows: number) {
    super({ vocabSize: VOCABULARY, hiddenSize });
    this.h = new Variable(zeros([1, rows, hiddenSize]));
    this.c = new Variable(zeros([1, rows, hiddenSize]));
  }
}

export default defineRecipe({
  name: "kjv-lstm",
  description: "the King James Bible by characters, an LSTM",
  // characters: how many of the training text's are read in an epoch, from its beginning; 0 for all
  defaults: { epochs: 3, batchSize: 64, lr: 0.02, seed: 0, hidden: 512, length: 64, characters: 0 },
  quick: { epochs: 1, hidden: 192, batchSize: 32, characters: 800_000 },

  data: async ({ batchSize, length, characters }) => {
    const { tokens } = await bible();
    const cut = Math.floor(0.9 * tokens.length);
    const train = tokens.subarray(0, characters || cut);
    return {
      train: new LanguageModelWindows(train, { length, order: "stateful", batchSize }),
      test: new LanguageModelWindows(tokens.subarray(cut), { length: 32, order: "stateful", batchSize: TEST_ROWS }),
    };
  },
  shuffle: false, // each batch goes on where the one before ended

  model: ({ hidden, batchSize }) => new Reader(hidden, batchSize),
  optimizer: (model, { lr }) => {
    const recurrent: Parameter = model.lstm.weightHhL0;
    const rest = model.parameters().filter((p) => p !== recurrent);
    return new MuonAdamW([
      { params: [recurrent], method: "muon", lr },
      { params: rest, lr: 0.15 * lr },
    ]);
  },
  schedule: (optimizer, steps) => new WarmupCosineLR(optimizer, { numWarmupSteps: 50, numTrainingSteps: steps }),
  trainingStep: (model, x, y) => {
    const [logits, [h, c]] = model.forward(x, [model.h, model.c]);
    model.h.assign(h.detach());
    model.c.assign(c.detach());
    return crossEntropy(logits.flatten(0, 1), y.flatten());
  },

  score: {
    name: "nats a character",
    format: "number",
    of: (model) => {
      const step = compile((x: Tensor, y: Tensor, h: Tensor, c: Tensor) =>
        noGrad(() => {
          const [logits, state] = model.forward(x, [h, c]);
          return [crossEntropy(logits.flatten(0, 1), y.flatten()), ...state];
        }),
      );
      return async (windows, signal) => {
        model.eval();
        let [nats, batches] = [0, 0];
        let [h, c] = [0, 1].map(() => zeros([1, TEST_ROWS, model.lstm.hiddenSize]));
        for (const [x, y] of new DataLoader(windows, { batchSize: TEST_ROWS })) {
          const [loss, ...state] = step(x, y, h, c);
          [h, c] = state;
          nats += await loss.item();
          batches++;
          if (signal?.aborted) return undefined;
        }
        return nats / batches;
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
async function* write(model: LSTMLanguageModel, text: string, maxNewTokens: number): AsyncGenerator<string> {
  const { tokenizer } = await bible();
  const tokens = generate(model, [...tokenizer.encode(text)], { maxNewTokens, temperature: 0.8 });
  for await (const token of tokens) yield tokenizer.decode([token]);
}
