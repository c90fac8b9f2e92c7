import { beforeAll, describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../src/core/errors.ts";
import { compile, manualSeed, randn, setDevice, type Tensor, tensor, zeros } from "../../src/index.ts";
import { Adam } from "../../src/optim/index.ts";
import {
  DenseBlock,
  detectionLoss,
  encodeTargets,
  InvertedResidual,
  PatchEmbedding,
  RetinaNet,
  UNet,
} from "../../src/vision/index.ts";

beforeAll(() => {
  setDevice("wasm"); // compiles small networks faster than a C compiler
  manualSeed(0);
});

describe("blocks", () => {
  it("refuse what they cannot do", () => {
    expect(() => new InvertedResidual(4, 4, { stride: 3 as 2 })).toThrow(ArgumentError);
    expect(() => new PatchEmbedding(1, 4, 4).forward(zeros([1, 1, 8, 10]))).toThrow(/4 do not divide .* 8 × 10/);
    expect(() => new DenseBlock(2, 4, 4).forward(zeros([1, 3, 4, 4]))).toThrow(ShapeError);
    expect(() => new UNet({ depth: 3, width: 4 }).forward(zeros([1, 3, 4, 4]))).toThrow(ShapeError);
  });

  it("take a batch of one in evaluation, and an empty one", () => {
    const block = new InvertedResidual(4, 4, { squeezeExcitation: true }).eval();
    expect(block.forward(randn([1, 4, 1, 1])).shape).toEqual([1, 4, 1, 1]);
    expect(block.forward(zeros([0, 4, 3, 3])).shape).toEqual([0, 4, 3, 3]);
    expect(new UNet({ inChannels: 1, width: 2, depth: 1 }).eval().forward(zeros([0, 1, 4, 4])).shape).toEqual([
      0, 2, 4, 4,
    ]);
  });

  it("drop what a dense layer gives, in training only", () => {
    const block = new DenseBlock(1, 2, 4, { dropRate: 1 });
    const x = randn([2, 2, 3, 3]);
    expect(block.forward(x).narrow(1, 2, 4).abs().sum().itemSync()).toBe(0);
    expect(block.eval().forward(x).narrow(1, 2, 4).abs().sum().itemSync()).toBeGreaterThan(0);
  });
});

describe("RetinaNet", () => {
  const tiny = () => new RetinaNet({ inChannels: 1, numClasses: 3, widths: [4, 8], pyramidChannels: 4 }).eval();

  it("begins sure of nothing, with boxes that are its anchors", async () => {
    const model = tiny();
    const [logits, offsets] = model.forward(randn([1, 1, 16, 16]));
    expect(logits.sigmoid().mean().itemSync()).toBeCloseTo(0.01, 3);
    expect(offsets.abs().amax().itemSync()).toBeLessThan(0.3);
    expect(model.anchors(15, 18).shape).toEqual([4 * 5 * 3, 4]); // the grid of ⌈15 / 4⌉ × ⌈18 / 4⌉ cells, 3 in each
    expect(model.forward(zeros([1, 1, 15, 18]))[0].shape).toEqual([1, 60, 3]);
  });

  it("has a level for each width but the first, with as many anchors each", () => {
    expect(() => new RetinaNet({ widths: [4, 8, 8], anchorSizes: [[16]] })).toThrow(ShapeError);
    expect(() => new RetinaNet({ widths: [4, 8, 8], anchorSizes: [[16], [32, 40]] })).toThrow(/has \[1, 2\] sizes/);
  });

  it("detects what is above the threshold, once each, the surest first, within the picture", async () => {
    const model = tiny();
    const anchors = model.anchors(16, 16).arraySync() as number[][];
    // of the anchors of 16 × 16 at two cells that are neighbours and one that is far away
    const square = (row: number, column: number) => (row * 4 + column) * 3 + 1;
    const [near, beside, far] = [square(1, 1), square(1, 2), square(3, 3)];
    const logits = new Float32Array(2 * 48 * 3).fill(-9);
    const says = (picture: number, anchor: number, label: number, logit: number) => {
      logits[(picture * 48 + anchor) * 3 + label] = logit;
    };
    says(0, near, 0, 1);
    says(0, beside, 0, 2); // their IoU is 12 / 20
    says(0, far, 0, 3);
    says(0, near, 2, 0); // another class does not suppress
    says(1, far, 1, -1);
    Object.assign(model, { forward: () => [tensor(logits, { shape: [2, 48, 3] }), zeros([2, 48, 4])] });
    const clipped = (anchor: number) => anchors[anchor].map((side) => Math.min(16, Math.max(0, side)));

    const [first, second] = await model.detect(zeros([2, 1, 16, 16]), { scoreThreshold: 0.3, iouThreshold: 0.4 });
    expect(first.labels.arraySync()).toEqual([0, 0, 2]);
    expect(first.boxes.arraySync()).toEqual([far, beside, near].map(clipped));
    const scores = [3, 2, 0].map((x) => 1 / (1 + Math.exp(-x)));
    for (const [i, score] of (first.scores.arraySync() as number[]).entries()) expect(score).toBeCloseTo(scores[i], 6);
    expect(second.labels.shape).toEqual([0]);

    const [limited] = await model.detect(zeros([2, 1, 16, 16]), { limit: 1 });
    expect(limited.boxes.arraySync()).toEqual([clipped(far)]);
  });

  it("learns to find two squares and to tell them apart", async () => {
    manualSeed(1);
    const sizes = { anchorSizes: [[8]], aspectRatios: [1] };
    const model = new RetinaNet({ inChannels: 1, numClasses: 2, widths: [8, 16], pyramidChannels: 8, ...sizes });
    const pixels = new Float32Array(32 * 32);
    const truth = [
      [4, 6, 13, 15],
      [18, 17, 27, 25],
    ];
    for (const [label, [x1, y1, x2, y2]] of truth.entries()) {
      for (let y = y1; y < y2; y++) pixels.fill(label === 0 ? 1 : -1, 32 * y + x1, 32 * y + x2);
    }
    const x = tensor(pixels, { shape: [1, 1, 32, 32] });
    const targets = encodeTargets(tensor(truth), tensor([0, 1], { dtype: "i32" }), model.anchors(32, 32));
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const step = compile((labels: Tensor, offsets: Tensor) => {
      const loss = detectionLoss(...model.forward(x), labels, offsets);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    });
    const losses = Array.from({ length: 80 }, () =>
      step(targets.labels.unsqueeze(0), targets.offsets.unsqueeze(0)).itemSync(),
    );
    expect(losses[79]).toBeLessThan(losses[0] / 10);

    // Beside them it may find what an anchor between "matched" and "background" makes of a square: that is never trained.
    const [{ boxes, labels }] = await model.eval().detect(x, { scoreThreshold: 0.3 });
    const found = labels.arraySync() as number[];
    for (const [label, square] of truth.entries()) {
      const best = (boxes.arraySync() as number[][])[found.indexOf(label)];
      for (const [k, side] of square.entries()) expect(Math.abs(best[k] - side)).toBeLessThan(1.5);
    }
  });

  it("detects in evaluation mode only", async () => {
    await expect(
      tiny()
        .train()
        .detect(zeros([1, 1, 16, 16])),
    ).rejects.toThrow("call model.eval() before");
  });
});

describe("detectionLoss", () => {
  it("says which shape does not fit", () => {
    const labels = zeros([1, 4], { dtype: "i32" });
    const call = (found: Tensor) => () => detectionLoss(zeros([1, 4, 2]), found, labels, zeros([1, 4, 4]));
    expect(call(zeros([1, 3, 4]))).toThrow(/need offsets \(1, 4, 4\), but got \(1, 3, 4\)/);
    expect(() => detectionLoss(zeros([4, 2]), zeros([1, 4, 4]), labels, zeros([1, 4, 4]))).toThrow(ShapeError);
  });

  it("lets nothing through from targets that do not count", () => {
    const labels = tensor([[-2, -1]], { dtype: "i32" });
    const offsets = tensor([
      [
        [Number.NEGATIVE_INFINITY, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ]);
    const loss = (logit: number) =>
      detectionLoss(tensor([[[logit], [-9]]]), zeros([1, 2, 4]), labels, offsets).itemSync();
    expect(loss(9)).toBe(loss(-9));
    expect(loss(9)).toBeLessThan(1e-6);
  });
});
