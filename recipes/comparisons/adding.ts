/**
 * The adding problem: a sequence of random numbers, two of them marked, one in each half; what is their sum? A plain
 * network's gradient vanishes on the way from the end of 200 steps to the first mark; gates let it pass.
 *
 *     chainrule compare adding
 *
 * Hochreiter and Schmidhuber, Long short-term memory, 1997, experiment 4, with numbers from [0, 1] and their sum as in
 * Le, Jaitly and Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015.
 */

import {
  arange,
  compile,
  manualSeed,
  noGrad,
  Parameter,
  rand,
  randint,
  scan,
  stack,
  type Tensor,
  zeros,
} from "chainrule";
import { GRU, GRUCell, Linear, LSTM, LSTMCell, Module, mseLoss, RNN, RNNCell } from "chainrule/nn";
import { Adam, clipGradNorm } from "chainrule/optim";
import { defineComparison } from "chainrule/train";

/** Who always answers 1 has an error of 1/6, the variance of the sum of two numbers from [0, 1]. */
const SOLVED = 0.01;

/** Numbers beside marks (T, B, 2), and the sums of the marked numbers (B). */
function sequences(length: number, count: number): [x: Tensor, y: Tensor] {
  const half = Math.floor(length / 2);
  const times = arange(length, { dtype: "i32" }).unsqueeze(1); // (T, 1)
  const first = times.eq(randint(0, half, [count])); // (T, B)
  const second = times.eq(randint(half, length, [count]));
  const marks = first.logicalOr(second).to("f32");
  const numbers = rand([length, count]);
  return [stack([numbers, marks], 2), numbers.mul(marks).sum(0)];
}

const LAYERS = {
  RNN: (hidden: number) => new RNN(2, hidden),
  GRU: (hidden: number) => new GRU(2, hidden),
  LSTM: (hidden: number) => new LSTM(2, hidden, { unitForgetBias: true }),
};

/** A recurrent layer, and a number from its last output. */
class Adder extends Module {
  readonly layer: RNN | GRU | LSTM;
  readonly head: Linear;

  constructor(layer: RNN | GRU | LSTM) {
    super();
    this.layer = layer;
    this.head = new Linear(layer.hiddenSize, 1);
  }

  /** (T, B, 2) ─► (B) */
  override forward(x: Tensor): Tensor {
    const [outputs] = this.layer.forward(x); // (T, B, H)
    return this.answer(outputs.select(0, -1));
  }

  answer(h: Tensor): Tensor {
    return this.head.forward(h).squeeze(1);
  }
}

/** ‖∂loss/∂hₜ‖ at each time t: (T). To each h a zero is added, whose gradient is that of h. */
function gradientNorms(model: Adder, x: Tensor, y: Tensor): Tensor {
  const { layer } = model;
  const Cell = layer instanceof LSTM ? LSTMCell : layer instanceof GRU ? GRUCell : RNNCell;
  const cell = new Cell(2, layer.hiddenSize);
  const weights = Object.entries(layer.stateDict()).map(([name, weight]) => [name.replace("_l0", ""), weight]);
  cell.loadStateDict(Object.fromEntries(weights));
  const start = zeros([x.shape[1], layer.hiddenSize]); // (B, H)
  const nothing = new Parameter(zeros([x.shape[0], ...start.shape])); // (T, B, H)
  const step = ([h, c]: Tensor[], [now, zero]: Tensor[]): [Tensor[], Tensor[]] => {
    const [next, memory] = cell instanceof LSTMCell ? cell.forward(now, [h, c]) : [cell.forward(now, h), c];
    return [[next.add(zero), memory], []];
  };
  const [[last]] = scan(step, [start, start], [x, nothing]);
  mseLoss(model.answer(last), y).backward();
  model.zeroGrad();
  return (nothing.grad as Tensor).square().sum([1, 2]).sqrt();
}

export default defineComparison({
  name: "adding",
  description: "LSTM and GRU add two numbers out of 200, a plain recurrent network does not",
  defaults: { seed: 0, length: 200, steps: 10_000, batchSize: 32, hidden: 32, lr: 2e-3 },
  quick: { length: 40, steps: 800, lr: 5e-3 },
  chart: [
    { x: "step", y: "squared error on other sequences", logarithmic: true },
    { x: "time t", y: "‖∂loss/∂hₜ‖", title: "Gradient over time, before training", logarithmic: true },
    { x: "time t", y: "‖∂loss/∂hₜ‖", title: "Gradient over time, after training", logarithmic: true },
  ],

  async run({ seed, length, steps, batchSize, hidden, lr }, { row, point, progress }) {
    manualSeed(seed);
    const [testX, testY] = sequences(length, 500).map((part) => part.detach());
    const errors: Record<string, number> = {};
    for (const [name, layer] of Object.entries(LAYERS)) {
      const model = new Adder(layer(hidden));
      const optimizer = new Adam(model.parameters(), { lr });
      const step = compile(() => {
        const [x, y] = sequences(length, batchSize);
        mseLoss(model.forward(x), y).backward();
        clipGradNorm(model.parameters(), 1);
        optimizer.step();
        optimizer.zeroGrad();
      });
      const error = compile(() => noGrad(() => mseLoss(model.forward(testX), testY)));
      const draw = async (chart: number) => {
        const norms = await gradientNorms(model, testX, testY).data();
        for (const [t, norm] of norms.entries()) point(name, t + 1, norm, chart);
        return norms[0] / norms[length - 1];
      };
      await draw(1);
      let solved = "never";
      for (let done = 1; done <= steps; done++) {
        step();
        if (done % 50 === 0) {
          errors[name] = await error().item();
          point(name, done, errors[name]);
          if (errors[name] < SOLVED && solved === "never") solved = `step ${done}`;
        }
        await progress(name, done, steps);
      }
      const kept = await draw(2);
      row({
        layer: name,
        "squared error": errors[name],
        "below 0.01": solved,
        "‖∂/∂h₁‖ / ‖∂/∂h_T‖": kept.toExponential(1),
      });
    }
    const { RNN: plain, GRU: gru, LSTM: lstm } = errors;
    const [a, b, c] = [plain, gru, lstm].map((error) => error.toFixed(4));
    return {
      holds: gru < SOLVED && lstm < SOLVED && plain > 10 * SOLVED,
      text: `A squared error of ${a} with a plain network, ${b} with GRU, ${c} with LSTM; always answering 1 has 0.1667.`,
    };
  },
});
