/** What people do wrong, and what they are told: a class, a code, the op, the shapes, the fix, and their own line. */

import { beforeAll, describe, expect, test } from "vitest";
import { DataLoader, TensorDataset } from "../src/data/index.ts";
import {
  ArgumentError,
  type ChainruleError,
  compile,
  DataError,
  DTypeError,
  type ErrorCode,
  einsum,
  GradError,
  IndexError,
  MemoryError,
  NanError,
  ones,
  Parameter,
  ShapeError,
  StateError,
  setCheckNan,
  setDevice,
  type Tensor,
  TraceError,
  tensor,
  where,
  zeros,
} from "../src/index.ts";
import { parseIdx, parseSafetensors, serializeSafetensors } from "../src/io/index.ts";
import {
  BatchNorm1d,
  Conv2d,
  crossEntropy,
  Dropout,
  Embedding,
  Linear,
  mseLoss,
  ReLU,
  Sequential,
} from "../src/nn/index.ts";
import { Adam, SGD } from "../src/optim/index.ts";

const MB = 2 ** 20;

beforeAll(() => {
  process.env["CHAINRULE_MEMORY_LIMIT"] = `${64 * MB}`;
  setDevice("wasm");
});

type Kind = (new (message: string) => ChainruleError) & { readonly name: string };

interface Mistake {
  readonly what: string;
  readonly kind: Kind;
  readonly code: ErrorCode;
  /** what the message must hold */
  readonly says: readonly string[];
  readonly make: () => unknown;
}

const mistakes: Mistake[] = [];
function mistake(what: string, kind: Kind, code: ErrorCode, says: readonly string[], make: () => unknown): void {
  mistakes.push({ what, kind, code, says, make });
}

const integers = (...values: number[]): Tensor => tensor(values, { dtype: "i32" });
const model = (): Sequential => new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 3));
const numbers = (): Tensor => tensor([1, 2], { requiresGrad: true });

// shapes
mistake("matrices that do not fit", ShapeError, "E_SHAPE", ["matmul", "(2, 3)", "(4, 5)", ".t()"], () =>
  ones([2, 3]).matmul(ones([4, 5])),
);
mistake("shapes that do not broadcast", ShapeError, "E_SHAPE", ["add", "(2, 3)", "(2, 4)", "unsqueeze"], () =>
  ones([2, 3]).add(ones([2, 4])),
);
mistake("a reshape to another size", ShapeError, "E_SHAPE", ["reshape", "(2, 3)", "6", "(4, 2)", "8"], () =>
  ones([2, 3]).reshape([4, 2]),
);
mistake(
  "an input that a layer of a model does not take",
  ShapeError,
  "E_SHAPE",
  ["Linear(inFeatures=4", "(2, 5)", "(8, 4)"],
  () => model().forward(ones([2, 5])),
);
mistake(
  "pictures with other channels",
  ShapeError,
  "E_SHAPE",
  ["Conv2d(3, 8", "(1, 4, 8, 8)", "takes 3 channels"],
  () => new Conv2d(3, 8, 3).forward(ones([1, 4, 8, 8])),
);
mistake("more labels than examples", ShapeError, "E_SHAPE", ["crossEntropy", "(2, 3)", "(2,)", "(3,)"], () =>
  crossEntropy(ones([2, 3]), integers(0, 1, 2)),
);
mistake("a loss that would broadcast", ShapeError, "E_SHAPE", ["mseLoss", "(2, 1)", "(2,)"], () =>
  mseLoss(ones([2, 1]), ones([2])),
);
mistake("ragged rows", ShapeError, "E_SHAPE", ["tensor", "rows differ", "(2, 2)"], () => tensor([[1, 2], [3]]));
mistake("a negative size", ShapeError, "E_SHAPE", ["whole, non-negative", "(-1, 3)"], () => zeros([-1, 3]));
mistake("a batch of one to normalise", ShapeError, "E_SHAPE", ["BatchNorm1d", "(1, 3)", "larger batch"], () =>
  new BatchNorm1d(3).forward(ones([1, 3])),
);

mistake("a dimension that does not exist", ShapeError, "E_SHAPE", ["sum", "dimension 2", "-2 to 1"], () =>
  ones([2, 3]).sum(2),
);
mistake("an einsum that does not fit", ShapeError, "E_SHAPE", ["ij,jk->ik", '"j" is 3 and 4', "(2, 3)"], () =>
  einsum("ij,jk->ik", ones([2, 3]), ones([4, 5])),
);

// dtypes
mistake("labels that are floats", DTypeError, "E_DTYPE", ["crossEntropy", "f32", '.to("i32")'], () =>
  crossEntropy(ones([2, 3]), tensor([0, 1])),
);
mistake("a condition that is no bool", DTypeError, "E_DTYPE", ["where", "f32", "x.ne(0)"], () =>
  where(ones([3]), 1, 0),
);
mistake("indices that are floats", DTypeError, "E_DTYPE", ["integers", "f32", '.to("i32")'], () =>
  ones([3]).indexSelect(0, tensor([1])),
);

// numbers that are out of range, which only running finds
mistake("a label that is no class", IndexError, "E_INDEX", ["crossEntropy", "(2, 3)", "0 to 2", "labels"], () =>
  crossEntropy(ones([2, 3]), integers(0, 3)).itemSync(),
);
mistake("a word that is not in the vocabulary", IndexError, "E_INDEX", ["embedding", "(5, 2)", "0 to 4"], () =>
  new Embedding(5, 2).forward(integers(5)).dataSync(),
);
mistake("a position beyond the end", IndexError, "E_INDEX", ["2", "size 2", "dimension 0", "(2, 3)"], () =>
  ones([2, 3]).index(2),
);
mistake("more than the memory", MemoryError, "E_MEMORY", ["64.0 MiB", "smaller batch", "CHAINRULE_MEMORY_LIMIT"], () =>
  ones([20 * MB])
    .mul(2)
    .dataSync(),
);

mistake("a NaN in the data", NanError, "E_NAN", ["An operand f32(2,)", "NaN", "[1]"], () => {
  setCheckNan(true);
  try {
    tensor([1, Number.NaN]).add(1).dataSync();
  } finally {
    setCheckNan(false);
  }
});

// gradients
mistake("a gradient of integers", GradError, "E_GRAD", ["float", "i32(2,)"], () => {
  integers(1, 2).requiresGrad = true;
});
mistake("backward from many numbers", GradError, "E_GRAD", ["backward", "(2,)", ".mean()"], () =>
  numbers().mul(2).backward(),
);
mistake("backward from what depends on nothing", GradError, "E_GRAD", ["backward", "(3,)", "noGrad"], () =>
  ones([3]).backward(),
);
mistake("backward twice", GradError, "E_GRAD", ["backward", "retainGraph: true"], () => {
  const loss = numbers().square().sum();
  loss.backward();
  loss.backward();
});

// tensors as if they were numbers
mistake("a tensor that is compared", ArgumentError, "E_ARG", ["(2,)", "x.gt(y)", "where", "item()"], () => {
  if ((ones([2]) as unknown as number) > 0) throw new Error("compared");
});
mistake(
  "a tensor that is added by +",
  ArgumentError,
  "E_ARG",
  ["(2,)", "x.add(y)"],
  () => (ones([2]) as unknown as number) + 1,
);
mistake("one number of many", ArgumentError, "E_ARG", ["item", "(2,)", "array()"], () => ones([2]).itemSync());

// tracing
mistake("reading while tracing", TraceError, "E_TRACE", ["compiled function", "()", "where()"], () =>
  compile((x: Tensor) => x.mul(x.sum().itemSync()))(ones([2])),
);
mistake("a traced tensor after its trace", TraceError, "E_TRACE", ["after its trace", "Return it"], () => {
  let leaked: Tensor | undefined;
  compile((x: Tensor) => {
    leaked = x.mul(2);
    return x;
  })(ones([2]));
  leaked!.dataSync();
});
mistake("a traced tensor in another trace", TraceError, "E_TRACE", ["after its trace"], () => {
  let leaked: Tensor | undefined;
  compile((x: Tensor) => {
    leaked = x.mul(2);
    return x;
  })(ones([2]));
  compile((x: Tensor) => x.add(leaked!))(ones([2]));
});
mistake("compiling an async function", TraceError, "E_TRACE", ["async", "traced once"], () =>
  compile(async (x: Tensor) => x)(ones([2])),
);

// arguments
mistake("a probability above 1", ArgumentError, "E_ARG", ["Dropout", "probability", "1.5"], () => new Dropout(1.5));
mistake(
  "groups that do not divide",
  ArgumentError,
  "E_ARG",
  ["Conv2d", "3 and 8", "2 equal groups"],
  () => new Conv2d(3, 8, 3, { groups: 2 }),
);
mistake(
  "a learning rate below 0",
  ArgumentError,
  "E_ARG",
  ["lr", "at least 0", "-1"],
  () => new SGD(model().parameters(), { lr: -1 }),
);
mistake("an optimizer of nothing", ArgumentError, "E_ARG", ["SGD", "no parameters"], () => new SGD([], { lr: 1 }));
mistake(
  "a β of 1",
  ArgumentError,
  "E_ARG",
  ["Adam", "betas", "[0, 1)", "[0.9, 1]"],
  () => new Adam(model().parameters(), { betas: [0.9, 1] }),
);
mistake("a parameter that is given twice", ArgumentError, "E_ARG", ["Adam", "twice"], () => {
  const w = new Parameter(ones([2]));
  return new Adam([w, w]);
});
mistake(
  "batches of nothing",
  ArgumentError,
  "E_ARG",
  ["DataLoader", "batchSize", "0"],
  () => new DataLoader(new TensorDataset(ones([3])), { batchSize: 0 }),
);
mistake("a device that does not exist", ArgumentError, "E_ARG", ["setDevice", '"cuda"', "wasm"], () =>
  setDevice("cuda"),
);

// state and files
mistake("a state dict with parts missing", StateError, "E_STATE", ["Sequential", "0.bias is missing", "strict"], () =>
  model().loadStateDict({ "0.weight": ones([8, 4]) }),
);
mistake("a state dict of another shape", StateError, "E_STATE", ["0.weight", "(8, 5)", "(8, 4)"], () =>
  model().loadStateDict({ ...model().stateDict(), "0.weight": ones([8, 5]) }),
);
mistake("a truncated IDX file", DataError, "E_DATA", ["labels.idx", "truncated", "(3,)", "11 bytes", "10"], () =>
  parseIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2]), "labels.idx"),
);

function thrownBy(make: () => unknown): ChainruleError {
  try {
    make();
  } catch (error) {
    return error as ChainruleError;
  }
  return expect.fail("nothing was thrown");
}

function expectToTeach(error: ChainruleError, { kind, code, says }: Omit<Mistake, "what" | "make">): void {
  expect(error).toBeInstanceOf(kind);
  expect(error.name).toBe(kind.name);
  expect(error.code).toBe(code);
  for (const words of says) expect(error.message).toContain(words);
}

describe("a mistake is explained where it is made", () => {
  test.each(mistakes.map((each) => [each.what, each] as const))("%s", (_, each) => {
    const error = thrownBy(each.make);
    expectToTeach(error, each);
    const [frame] = error.stack!.split("\n").filter((line) => line.startsWith("    at "));
    expect(frame).toContain("errors.test.ts");
  });

  test("at its own line", () => {
    const lineOf = ({ stack }: Error): string => /errors\.test\.ts:(\d+)/.exec(stack!)![1];
    const [a, b] = [ones([2, 3]), ones([4, 5])];
    const [error, here] = [thrownBy(() => a.matmul(b)), new Error()];
    expect(lineOf(error)).toBe(lineOf(here));
  });

  test("a truncated or altered safetensors file", async () => {
    const bytes = await serializeSafetensors({ weight: ones([4]) });
    const altered = bytes.slice();
    altered[8] ^= 1; // the brace that opens the header
    const says: [Uint8Array, string[]][] = [
      [bytes.slice(0, -3), ["model.safetensors", "truncated", "16 bytes", "13"]],
      [Uint8Array.from([...bytes, 0]), ["model.safetensors", "altered", "16 bytes", "17"]],
      [bytes.slice(0, 5), ["model.safetensors", "5 bytes"]],
      [altered, ["model.safetensors", "header", "JSON"]],
    ];
    for (const [file, words] of says) {
      const error = await parseSafetensors(file, "model.safetensors").catch((error: unknown) => error);
      expectToTeach(error as ChainruleError, { kind: DataError, code: "E_DATA", says: words });
    }
  });
});

describe("a mistake changes nothing", () => {
  test.each(["compiled", "uncompiled"])("in a training step, %s", (how) => {
    const layers = model();
    const optimizer = new Adam(layers.parameters());
    const plain = (x: Tensor, y: Tensor): Tensor => {
      const loss = crossEntropy(layers.forward(x), y);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return loss;
    };
    const step = how === "compiled" ? compile(plain) : plain;
    const state = (): number[][] =>
      [...Object.values(layers.stateDict()), ...Object.values(optimizer.stateDict())].map((x) => [...x.dataSync()]);
    const x = ones([2, 4]);
    step(x, integers(0, 2)).itemSync();
    const before = state();
    expect(thrownBy(() => step(x, integers(0, 3)).itemSync())).toBeInstanceOf(IndexError);
    expect(state()).toEqual(before);
    step(x, integers(0, 2)).itemSync();
    expect(state()).not.toEqual(before);
  });
});

mistake("a layer of no size", ArgumentError, "E_ARG", ["Linear", "inFeatures", "-1"], () => new Linear(-1, 3));
mistake("a dtype that does not exist", DTypeError, "E_DTYPE", ["tensor", '"f16"', "f32, f64"], () =>
  tensor([1], { dtype: "f16" as "f32" }),
);
