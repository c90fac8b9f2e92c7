import { describe, expect, test } from "vitest";
import { type Graph, topological } from "../../src/core/graph.ts";
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  PackedSequence,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  RNN,
  RNNCell,
  unpadSequence,
} from "../../src/nn/index.ts";
import {
  ArgumentError,
  cat,
  compile,
  DTypeError,
  Generator,
  manualSeed,
  ones,
  randn,
  ShapeError,
  setDevice,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from "../../src/tensor/index.ts";

setDevice("interp"); // few numbers: compiling would take longer

const normal = (shape: number[], seed = 1): Tensor => randn(shape, { dtype: "f64", generator: new Generator(seed) });
const numbers = (x: Tensor): number[] => Array.from(x.dataSync());
const expectNear = (got: Tensor, wanted: Tensor): void => {
  expect(got.shape).toEqual(wanted.shape);
  expect(Math.max(0, ...numbers(got.sub(wanted).abs()))).toBeLessThan(1e-12);
};

describe("sequences of several lengths", () => {
  const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true, dtype: "f64" });
  const x = normal([5, 3, 3]);
  const lengths = [2, 5, 0];

  test("each is what it is alone, and zeros follow", () => {
    const [output, [h, c]] = lstm.forward(x, undefined, { lengths });
    for (const [b, length] of lengths.entries()) {
      const [alone, [h1, c1]] = lstm.forward(x.select(1, b).narrow(0, 0, length));
      expectNear(output.select(1, b), cat([alone, zeros([5 - length, 8], { dtype: "f64" })], 0));
      expectNear(h.select(1, b), h1);
      expectNear(c.select(1, b), c1);
    }
  });

  test("a mask may have gaps: where it is false there is no time", () => {
    const [T, F] = [true, false];
    const mask = tensor([
      [T, T, T],
      [F, T, F],
      [T, T, F],
      [T, F, F],
      [F, T, F],
    ]); // prettier-ignore
    const [output, [h]] = lstm.forward(x, undefined, { mask });
    const kept = x.select(1, 0).indexSelect(0, tensor([0, 2, 3], { dtype: "i32" }));
    const [alone, [h1]] = lstm.forward(kept);
    expectNear(output.select(1, 0).indexSelect(0, tensor([0, 2, 3], { dtype: "i32" })), alone);
    expectNear(h.select(1, 0), h1);
    expect(numbers(output.select(1, 0).abs().sum(1).gt(0))).toEqual([1, 0, 1, 1, 0]);
  });

  test("padding has no influence, and gets no gradient", () => {
    const gru = new GRU(3, 4, { batchFirst: true, dtype: "f64" });
    const run = (fill: number) => {
      const padded = padSequence([normal([2, 3]), normal([4, 3], 2)], { batchFirst: true, paddingValue: fill });
      padded.requiresGrad = true;
      const [y, h] = gru.forward(padded, undefined, { lengths: tensor([2, 4], { dtype: "i32" }) });
      y.sum().add(h.square().sum()).backward();
      return { y: y.detach(), grad: padded.grad as Tensor };
    };
    expectNear(run(7).y, run(0).y);
    expect(numbers(run(7).grad.select(0, 0).abs().sum(1).gt(0))).toEqual([1, 1, 0, 0]);
  });

  test("one program serves all lengths, and its size does not depend on the number of times", () => {
    let traces = 0;
    const run = compile((x: Tensor, lengths: Tensor) => {
      traces++;
      return lstm.forward(x, undefined, { lengths })[0];
    });
    for (const lengths of [
      [1, 2, 3],
      [5, 0, 2],
    ]) {
      // prettier-ignore
      expectNear(run(x, tensor(lengths, { dtype: "i32" })), lstm.forward(x, undefined, { lengths })[0]);
    }
    expect(traces).toBe(1);
    const size = (times: number) => topological([new LSTM(3, 4).forward(ones([times, 2, 3]))[0].value]).length;
    expect(size(500)).toBe(size(2));
  });
});

test("what does not depend on the state is outside of the loop: one multiplication by the recurrent weights is in it", () => {
  for (const [layer, inside] of [
    [new RNN(3, 4), 1],
    [new GRU(3, 4), 1],
    [new LSTM(3, 4), 1],
    [new GRU(3, 4, { resetAfter: false }), 3],
  ] as const) {
    // prettier-ignore
    const [y] = layer.forward(ones([5, 2, 3]));
    const nodes = topological([y.value]);
    const bodies = nodes.flatMap(({ attrs }) => ("body" in attrs ? [attrs.body as Graph] : []));
    expect(bodies.length).toBe(1);
    const ops = topological(bodies[0].outputs).map(({ op }) => op);
    expect(ops.filter((op) => op === "dot").length).toBe(inside);
    expect(ops).not.toContain("permute");
  }
});

describe("truncated backpropagation through time", () => {
  const lstm = new LSTM(3, 4, { dtype: "f64" });
  const whole = normal([6, 2, 3]);
  const [before, after] = [whole.narrow(0, 0, 3), whole.narrow(0, 3, 3)];

  test("a detached state goes on where it was, and no gradient goes back", () => {
    const first = before.detach();
    first.requiresGrad = true;
    const [, [h, c]] = lstm.forward(first);
    const [y] = lstm.forward(after, [h.detach(), c.detach()]);
    expectNear(y, lstm.forward(whole)[0].narrow(0, 3, 3));
    y.sum().backward();
    expect(first.grad).toBeUndefined();
    lstm.forward(after, [h, c])[0].sum().backward();
    expect(numbers((first.grad as Tensor).abs().sum())[0]).toBeGreaterThan(0);
  });

  test("a compiled step carries it in variables", () => {
    const [h, c] = [0, 1].map(() => new Variable(zeros([1, 2, 4], { dtype: "f64" })));
    const step = compile((x: Tensor) => {
      const [y, [nextH, nextC]] = lstm.forward(x, [h, c]);
      y.square().sum().backward();
      h.assign(nextH);
      c.assign(nextC);
      const grad = lstm.weightHhL0.grad as Tensor;
      lstm.zeroGrad();
      return { y, grad };
    });
    lstm.zeroGrad();
    step(before);
    const { y, grad } = step(after);
    expectNear(y, lstm.forward(whole)[0].narrow(0, 3, 3));
    const [, last] = lstm.forward(before);
    lstm.forward(after, [last[0].detach(), last[1].detach()])[0].square().sum().backward();
    expectNear(grad, lstm.weightHhL0.grad as Tensor);
  });
});

describe("dropout between layers", () => {
  /** What the second layer gives, where only dropout between the two makes times differ. */
  const outputs = (variational: boolean): Tensor => {
    manualSeed(3);
    const rnn = new RNN(2, 64, { numLayers: 2, dropout: 0.5, variational });
    for (const name of ["weightHhL0", "weightHhL1"] as const) rnn[name].assign(zeros([64, 64]));
    return rnn.forward(ones([8, 1, 2]))[0].squeeze(1); // (T, H)
  };

  test("a time has a mask of its own, or with `variational` the sequence has one", () => {
    const spread = (y: Tensor) => numbers(y.amax(0).sub(y.amin(0)).amax())[0];
    expect(spread(outputs(false))).toBeGreaterThan(0.01);
    expect(spread(outputs(true))).toBe(0);
  });

  test("not in evaluation, nor after the last layer", () => {
    const gru = new GRU(2, 3, { numLayers: 2, dropout: 0.5 });
    const x = ones([4, 1, 2]);
    expect(numbers(gru.forward(x)[0])).not.toContain(0);
    gru.eval();
    expect(numbers(gru.forward(x)[0])).toEqual(numbers(gru.forward(x)[0]));
  });
});

test("the forget gate's biases begin as 1 and 0", () => {
  const lstm = new LSTM(2, 3, { bidirectional: true, unitForgetBias: true });
  for (const bias of [lstm.biasIhL0, lstm.biasIhL0Reverse]) expect(numbers(bias.narrow(0, 3, 3))).toEqual([1, 1, 1]);
  const cell = new LSTMCell(2, 3, { unitForgetBias: true });
  expect(numbers(cell.biasHh as Tensor).map((b) => b === 0)).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0].map(Boolean));
  expect(() => new LSTM(2, 3, { unitForgetBias: true, bias: false })).toThrow(ArgumentError);
});

test("a layer's printed form has what differs from the defaults", () => {
  const options = { numLayers: 2, dropout: 0.1, bidirectional: true, merge: "sum", projSize: 3 } as const;
  expect(String(new LSTM(3, 4, options))).toBe(
    'LSTM(3, 4, numLayers=2, dropout=0.1, bidirectional=true, merge="sum", projSize=3)',
  );
  expect(String(new RNNCell(3, 4, { nonlinearity: "relu" }))).toBe('RNNCell(3, 4, nonlinearity="relu")');
  expect(String(new GRUCell(3, 4, { resetAfter: false, bias: false }))).toBe(
    "GRUCell(3, 4, bias=false, resetAfter=false)",
  );
});

test("a summary counts each weight once for each time", () => {
  const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
  const { parameters, multiplyAdds } = lstm.summary([5, 2, 3]);
  expect(multiplyAdds).toBe(5 * 2 * 2 * (16 * (3 + 4) + 16 * (8 + 4)));
  expect(parameters).toBe(2 * (16 * (3 + 4) + 16 * (8 + 4) + 4 * 16));
  expect(new GRUCell(3, 4).summary([2, 3]).multiplyAdds).toBe(2 * 12 * 7);
});

test("no times and no sequences", () => {
  const gru = new GRU(3, 4);
  const [none, h] = gru.forward(zeros([0, 2, 3]), ones([1, 2, 4]));
  expect(none.shape).toEqual([0, 2, 4]);
  expect(numbers(h)).toEqual(new Array(8).fill(1));
  expect(gru.forward(zeros([5, 0, 3]))[0].shape).toEqual([5, 0, 4]);
});

test("what does not fit is said", () => {
  const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
  const x = zeros([5, 2, 3]);
  const packed = packSequence([ones([2, 3]), ones([1, 3])]);
  const wrong: [() => unknown, new (message: string) => Error, string][] = [
    [() => lstm.forward(zeros([5, 2, 4])), ShapeError, "(time, batch, 3)"],
    [() => lstm.forward(zeros([5, 2, 3, 1])), ShapeError, "(5, 2, 3, 1)"],
    [() => lstm.forward(x.to("f64")), DTypeError, '.to("f32")'],
    [() => lstm.forward(x, [zeros([4, 2, 4]), zeros([4, 1, 4])]), ShapeError, "the state c is (numLayers · directions"],
    [() => lstm.forward(zeros([5, 3]), [zeros([4, 1, 4]), zeros([4, 1, 4])]), ShapeError, "the state h"],
    [() => lstm.forward(x, undefined, { lengths: [1, 2, 3] }), ShapeError, "there are 2 sequences"],
    [() => lstm.forward(x, undefined, { lengths: [1, 6] }), ArgumentError, "6"],
    [() => lstm.forward(x, undefined, { mask: ones([2, 5]).gt(0) }), ShapeError, "(2, 5)"],
    [() => lstm.forward(x, undefined, { lengths: [1, 2], mask: ones([5, 2]).gt(0) }), ArgumentError, "not both"],
    [() => lstm.forward(zeros([5, 3]), undefined, { lengths: [5] }), ArgumentError, "no lengths"],
    [() => lstm.forward(packed, undefined, { lengths: [2, 1] }), ArgumentError, "has its lengths"],
    [() => new GRU(3, 4, { dropout: 0.5 }), ArgumentError, "between layers"],
    [() => new GRU(3, 4, { merge: "sum" }), ArgumentError, "bidirectional"],
    [() => new RNN(3, 0), ArgumentError, "hiddenSize"],
    [() => new LSTM(3, 4, { projSize: 4 }), ArgumentError, "below hiddenSize"],
    [() => new LSTMCell(3, 4).forward(zeros([2, 3]), [zeros([2, 4]), zeros([1, 4])]), ShapeError, "(1, 4)"],
    [() => new GRUCell(3, 4).forward(zeros([2, 4])), ShapeError, "In GRUCell(3, 4)"],
  ];
  for (const [act, kind, words] of wrong) {
    expect(act, words).toThrow(kind);
    expect(act).toThrow(words);
  }
});

describe("packing", () => {
  test("a batch of one is what it was", () => {
    const x = normal([4, 1, 3]);
    const lstm = new LSTM(3, 4, { dtype: "f64" });
    const [y, [h]] = lstm.forward(packPaddedSequence(x, [4]));
    const [wanted, [wantedH]] = lstm.forward(x);
    expectNear(y.data, wanted.squeeze(1));
    expectNear(h, wantedH);
    expect(y.batchSizes).toEqual([1, 1, 1, 1]);
  });

  test("sequences come back in their order", () => {
    const sequences = [[1, 2], [3], [4, 5, 6]].map((values) => tensor(values));
    const packed = packSequence(sequences, { enforceSorted: false });
    expect(packed.lengths).toEqual([2, 1, 3]);
    expect(packed.unsortedIndices).toEqual([1, 2, 0]);
    const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
    expect(unpadSequence(padded, lengths, { batchFirst: true }).map(numbers)).toEqual(sequences.map(numbers));
  });

  test("lengths may be a tensor, and tokens are packed too", () => {
    const tokens = tensor(
      [
        [1, 2],
        [3, 0],
      ],
      { dtype: "i32" },
    ); // prettier-ignore
    const packed = packPaddedSequence(tokens, tensor([2, 1], { dtype: "i32" }), { batchFirst: true });
    expect(packed.data.dtype).toBe("i32");
    expect(numbers(packed.data)).toEqual([1, 3, 2]);
  });

  test("what does not fit is said", () => {
    const x = zeros([4, 2, 3]);
    const packed = packPaddedSequence(x, [3, 2]);
    const wrong: [() => unknown, new (message: string) => Error, string][] = [
      [() => packPaddedSequence(x, [2, 3]), ArgumentError, "enforceSorted: false"],
      [() => packPaddedSequence(x, [3, 0]), ArgumentError, "1 to 4"],
      [() => packPaddedSequence(x, [5, 1]), ArgumentError, "5"],
      [() => packPaddedSequence(x, [3]), ShapeError, "1 lengths"],
      [() => unpadSequence(x, [3, 2, 1], { batchFirst: true }), ShapeError, "(B, T, …)"],
      [() => padPackedSequence(packed, { totalLength: 2 }), ArgumentError, "3 times"],
      [() => padSequence([zeros([2, 3]), zeros([2, 4])]), ShapeError, "(2, 4)"],
      [() => packSequence([]), ArgumentError, "at least one"],
      [() => new PackedSequence(zeros([4]), [2, 1]), ShapeError, "add up to 3"],
    ];
    for (const [act, kind, words] of wrong) {
      expect(act, words).toThrow(kind);
      expect(act).toThrow(words);
    }
  });
});
