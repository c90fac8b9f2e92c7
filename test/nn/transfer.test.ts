/** Hooks, freezing, new heads, parts that learn at their own rates. */

import { describe, expect, test } from "vitest";
import {
  BatchNorm1d,
  Conv2d,
  createFeatureExtractor,
  Dropout,
  discriminativeGroups,
  Flatten,
  GradualUnfreezing,
  inspectLayers,
  Linear,
  Module,
  ReLU,
  replaceHead,
  Sequential,
} from "../../src/nn/index.ts";
import { SGD } from "../../src/optim/index.ts";
import { ArgumentError, compile, manualSeed, ones, rand, type Tensor, tensor } from "../../src/tensor/index.ts";

const network = () => new Sequential(new Linear(4, 8), new BatchNorm1d(8), new ReLU(), new Linear(8, 5));

describe("a forward hook", () => {
  test("may replace the output, and is gone when it is removed", () => {
    const layer = new Linear(2, 2);
    layer.loadStateDict({
      weight: tensor([
        [1, 0],
        [0, 1],
      ]),
      bias: tensor([0, 0]),
    });
    const x = tensor([3, 4]);
    const first = layer.registerForwardHook((_, __, y) => (y as Tensor).mul(10));
    const second = layer.registerForwardHook((_, __, y) => (y as Tensor).add(1));
    expect(layer.forward(x).arraySync()).toEqual([31, 41]);
    first.remove();
    expect(layer.forward(x).arraySync()).toEqual([4, 5]);
    second.remove();
    second.remove();
    expect(layer.forward(x).arraySync()).toEqual([3, 4]);
    expect(Object.getOwnPropertyNames(layer)).not.toContain("forward");
  });

  test("leaves a forward that is the module's own field where it was", () => {
    class Twice extends Module {
      override forward = (x: Tensor) => x.mul(2);
    }
    const module = new Twice();
    module.registerForwardHook((_, __, y) => (y as Tensor).neg()).remove();
    expect(module.forward(tensor([1])).arraySync()).toEqual([2]);
  });

  test("lets summary count", () => {
    const extractor = createFeatureExtractor(network(), ["0"]);
    expect(extractor.summary([2, 4]).multiplyAdds).toBe(2 * (4 * 8 + 8 * 5));
  });
});

describe("a frozen module", () => {
  test("keeps its weights, its statistics and what dropout lets through, in a compiled step too", async () => {
    manualSeed(1);
    const model = new Sequential(new Linear(4, 8), new BatchNorm1d(8), new Dropout(0.9), new Linear(8, 1));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = compile((x: Tensor) => {
      const loss = model.forward(x).square().mean();
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    });
    const x = rand([16, 4]);
    model.train();
    step(x);
    for (const i of [0, 1, 2]) model[i].freeze();
    const before = model.stateDict();
    model.train(); // says nothing to what is frozen
    step(x);
    const after = model.stateDict();
    const changed = Object.keys(after).filter((name) => !after[name].sub(before[name]).eq(0).all().itemSync());
    expect(changed).toEqual(["3.weight", "3.bias"]);
    expect(model[2].training).toBe(false);
    model.unfreeze();
    expect(model[2].training).toBe(true);
    step(x);
    expect(model.stateDict()["1.num_batches_tracked"].itemSync()).toBe(2);
  });
});

describe("replaceHead", () => {
  test("replaces what stands in an array, with the old layer's kind", () => {
    class Branches extends Module {
      readonly heads = [new Linear(4, 3), new Linear(4, 3, { bias: false, dtype: "f64" })];
      override forward(x: Tensor): Tensor {
        return this.heads[1].forward(x);
      }
    }
    const model = new Branches();
    const head = replaceHead(model, 7);
    expect(model.heads[1]).toBe(head);
    expect(Object.entries(model.stateDict()).map(([name, { shape, dtype }]) => [name, shape, dtype])).toEqual([
      ["heads.0.weight", [3, 4], "f32"],
      ["heads.0.bias", [3], "f32"],
      ["heads.1.weight", [7, 4], "f64"],
    ]);
  });

  test("takes the last convolution of a model without a linear layer", () => {
    const model = new Sequential(
      new Conv2d(1, 4, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(4, 2, 3, { padding: "same" }),
    );
    replaceHead(model, 6);
    expect(model.forward(ones([1, 1, 5, 5])).shape).toEqual([1, 6, 5, 5]);
  });

  test("says when there is none", () => {
    expect(() => replaceHead(new Sequential(new Flatten()), 2)).toThrow(ArgumentError);
    expect(() => replaceHead(new Linear(2, 2), 2)).toThrow(/within Linear/);
  });
});

describe("parts", () => {
  test("learn slower the further they are from the output", () => {
    const model = network();
    const groups = discriminativeGroups(model, { lr: 1, decay: 2 });
    expect(groups.map(({ lr, params }) => [lr, params.length])).toEqual([
      [0.25, 2],
      [0.5, 2],
      [1, 2],
    ]);
    expect(new SGD(groups, { lr: 9 }).groups.map(({ lr }) => lr)).toEqual([0.25, 0.5, 1]);
    const named = discriminativeGroups(model, { lr: 1, parts: [new Sequential(model[0], model[1]), model[3]] });
    expect(named.map(({ lr, params }) => [lr, params.length])).toEqual([
      [1 / 2.6, 4],
      [1, 2],
    ]);
    expect(() => discriminativeGroups(model, { lr: 1, parts: [model[3]] })).toThrow(/0\.weight is in none/);
  });

  test("are unfrozen from the end, one every two epochs", () => {
    const model = network();
    const unfreezing = new GradualUnfreezing(model, { every: 2 });
    const learning = [0, 1, 2, 3, 4, 9].map((epoch) => {
      unfreezing.step(epoch);
      return [0, 1, 3].filter((i) => !model[i].frozen);
    });
    expect(learning).toEqual([[3], [3], [1, 3], [1, 3], [0, 1, 3], [0, 1, 3]]);
    expect(() => new GradualUnfreezing(model, { every: 0 })).toThrow(ArgumentError);
  });
});

test("a feature extractor names what it does not find, and what is not called", () => {
  class Idle extends Module {
    readonly used = new Linear(2, 2);
    readonly idle = new Linear(2, 2);
    override forward(x: Tensor): Tensor {
      return this.used.forward(x);
    }
  }
  expect(() => createFeatureExtractor(new Idle(), ["unused"])).toThrow(/there are used, idle/);
  expect(() => createFeatureExtractor(new Idle(), ["idle"]).forward(ones([1, 2]))).toThrow(
    /does not call its layer "idle"/,
  );
});

test("inspectLayers measures norms and how far weights have moved", async () => {
  const model = new Sequential(new Linear(1, 2), new ReLU(), new Linear(2, 1));
  const set = (...w: number[]) => ({
    "0.weight": tensor([[3], [0]]),
    "0.bias": tensor([0, 4]),
    "2.weight": tensor([w]),
    "2.bias": tensor([0]),
  });
  model.loadStateDict(set(0, 2));
  const before = model.stateDict();
  model.loadStateDict(set(0, 1));
  const { "2.bias": _, ...partial } = before;
  expect(await inspectLayers(model, before)).toEqual([
    { name: "0", type: "Linear", parameters: 4, trainable: true, norm: 5, change: 0 },
    { name: "2", type: "Linear", parameters: 3, trainable: true, norm: 1, change: 0.5 },
  ]);
  expect((await inspectLayers(model, partial))[1].change).toBeUndefined();
  expect((await inspectLayers(model))[0].change).toBeUndefined();
});
