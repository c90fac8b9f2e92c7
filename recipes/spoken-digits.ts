/**
 * Strings of three to seven digits, read from sound: convolutions and a bidirectional GRU say at each moment which digit is
 * spoken, or none, and connectionist temporal classification needs no telling when.
 *
 *     chainrule train spoken-digits
 *     chainrule predict 31415          # speaks the digits, and listens
 *     chainrule predict digits.wav
 *
 * The speech is synthetic, drawn by seed while the network trains. The test has other voices, and tempos slower and faster
 * than any in training, in noise at 10 dB.
 * Graves et al., Connectionist temporal classification, 2006; Hannun et al., Deep Speech, 2014.
 */

import { compile, noGrad, type Tensor } from "chainrule";
import { ctcGreedyDecode, MelSpectrogram, readWav, resample, SpokenDigits, synthesizeDigits } from "chainrule/audio";
import { DataLoader } from "chainrule/data";
import { editDistance } from "chainrule/metrics";
import { BatchNorm1d, Conv1d, ctcLoss, GRU, Linear, Module, ReLU, Sequential } from "chainrule/nn";
import { AdamW, OneCycleLR } from "chainrule/optim";
import { defineRecipe } from "chainrule/train";

const RATE = 8000;
const BLANK = 10; // after the ten digits
const MELS = 40;

/** Sound (N, L) ─► log-probabilities of the digits and the blank, 25 times a second (N, T, 11). */
class Listener extends Module {
  readonly mel = new MelSpectrogram({ sampleRate: RATE, nFft: 256, winLength: 200, hopLength: 80, nMels: MELS });
  readonly front: Sequential;
  readonly gru: GRU;
  readonly head: Linear;

  constructor(width: number) {
    super();
    this.front = new Sequential(
      new Conv1d(MELS, width, 5, { stride: 2, padding: 2, bias: false }),
      new BatchNorm1d(width),
      new ReLU(),
      new Conv1d(width, width, 5, { stride: 2, padding: 2, bias: false }),
      new BatchNorm1d(width),
      new ReLU(),
    );
    this.gru = new GRU(width, width, { bidirectional: true, batchFirst: true });
    this.head = new Linear(2 * width, BLANK + 1);
  }

  override forward(sound: Tensor): Tensor {
    const loudness = this.mel.forward(sound).add(1e-6).log(); // (N, 40, 100 a second)
    // Each recording's mean and spread tell of the room and the microphone, not of what is said.
    const centred = loudness.sub(loudness.mean([1, 2], { keepdim: true }));
    const even = centred.div(centred.std([1, 2], { keepdim: true }));
    const features = this.front.forward(even); // (N, width, T)
    const [context] = this.gru.forward(features.transpose(1, 2)); // (N, T, 2 · width)
    return this.head.forward(context).logSoftmax(2); // (N, T, 11)
  }
}

export default defineRecipe({
  name: "spoken-digits",
  description: "strings of digits read from sound, a GRU with CTC",
  defaults: {
    epochs: 8,
    batchSize: 16,
    lr: 3e-3,
    seed: 0,
    strings: 6400,
    tested: 500,
    most: 7, // digits of a string
    seconds: 5,
    width: 96,
    numWorkers: 1, // speaks while the network learns
  },
  // CTC finds out where digits are all at once, after about 350 steps: half as many learn nothing.
  quick: { epochs: 8, strings: 1600, tested: 100 },

  data: async ({ strings, tested, most, seconds, seed }) => ({
    // One or two digits are where learning begins: of a long string nobody knows what is where.
    train: new SpokenDigits({ train: true, count: strings, digits: [1, most], seconds, seed }),
    test: new SpokenDigits({ train: false, count: tested, digits: [3, most], seconds, seed }),
  }),

  model: ({ width }) => new Listener(width),
  optimizer: (model, { lr }) => new AdamW(model.parameters(), { lr }),
  schedule: (optimizer, steps, { lr }) => new OneCycleLR(optimizer, { maxLr: lr, totalSteps: steps }),
  trainingStep: (model, sound, digits: Tensor, counts: Tensor) => {
    const output = model.forward(sound).transpose(0, 1); // (T, N, 11)
    const [times, n] = output.shape;
    return ctcLoss(output, digits, new Array(n).fill(times), counts, { blank: BLANK });
  },

  score: {
    name: "digits right", // 1 − edit distance / digits
    of: (model) => {
      const listen = compile((sound: Tensor) => noGrad(() => model.forward(sound)));
      return async (strings) => {
        model.eval();
        let [wrong, all] = [0, 0];
        for await (const [sound, digits, counts] of new DataLoader(strings, { batchSize: 50 })) {
          const found = ctcGreedyDecode(listen(sound), { blank: BLANK });
          const truth = digits.arraySync() as number[][];
          for (const [i, count] of counts.dataSync().entries()) {
            wrong += editDistance(found[i], truth[i].slice(0, count));
            all += count;
          }
        }
        return 1 - wrong / all;
      };
    },
  },

  async *predict(model, text, { seed }) {
    const spoken = /^\d+$/.test(text);
    const { waveform, sampleRate } = spoken ? synthesizeDigits(text, { seed }) : await readWav(text);
    const sound = resample(waveform.mean(0, { keepdim: true }), sampleRate, RATE); // (1, L)
    model.eval();
    const [digits] = ctcGreedyDecode(
      noGrad(() => model.forward(sound)),
      { blank: BLANK },
    );
    yield digits.join("");
  },
});
