import { describe, expect, test } from "vitest";
import {
  arange,
  compile,
  grad,
  IndexError,
  ones,
  ShapeError,
  type Tensor,
  TraceError,
  tensor,
  zeros,
} from "../../src/index.ts";

const i32 = (data: number[] | number[][]) => tensor(data, { dtype: "i32" });
const x = arange(24).reshape([2, 3, 4]);
const mask = tensor([
  [true, false, true],
  [false, true, false],
]);

// Expected values: PyTorch 1.13.
describe("index", () => {
  test("takes a mask over as many dimensions as it has", () => {
    expect(x.index(mask).arraySync()).toEqual([
      [0, 1, 2, 3],
      [8, 9, 10, 11],
      [16, 17, 18, 19],
    ]);
    expect(x.index(":", tensor([true, false, true]), 1).arraySync()).toEqual([
      [1, 9],
      [13, 21],
    ]);
    expect(x.index(tensor([false, false])).shape).toEqual([0, 3, 4]);
    expect(x.index(tensor(true)).shape).toEqual([1, 2, 3, 4]);
    expect(x.index(tensor(false)).shape).toEqual([0, 2, 3, 4]);
  });

  test("takes tensors of positions, alone, together and apart", () => {
    expect(x.index(0, ":", i32([3, 0])).arraySync()).toEqual([
      [3, 0],
      [7, 4],
      [11, 8],
    ]);
    expect(x.index(i32([1, 0]), ":", i32([3, 0])).arraySync()).toEqual([
      [15, 19, 23],
      [0, 4, 8],
    ]);
    expect(x.index(":", i32([2, 0])).arraySync()).toEqual([
      [
        [8, 9, 10, 11],
        [0, 1, 2, 3],
      ],
      [
        [20, 21, 22, 23],
        [12, 13, 14, 15],
      ],
    ]);
    expect(x.index(":", i32([[1], [0]]), i32([[0, 3]])).shape).toEqual([2, 2, 2]);
  });

  test("gives the gradient to what a mask selects", () => {
    const selected = grad((y: Tensor) =>
      y
        .index(mask)
        .mul(tensor([[1], [2], [3]]))
        .sum(),
    )(x);
    expect(selected.index("...", 0).arraySync()).toEqual([
      [1, 0, 2],
      [0, 3, 0],
    ]);
  });

  test("refuses masks of another shape, and masks inside compile, where where() is the way", () => {
    expect(() => x.index(tensor([true, false, true]))).toThrow(ShapeError);
    expect(() => x.index(mask, ":", ":")).toThrow(ShapeError);
    expect(() => compile((y: Tensor) => y.index(y.gt(3)))(x)).toThrow(TraceError);
    expect(() => compile((y: Tensor) => y.index(mask))(x)).toThrow(/use where\(mask, x, 0\)/);
    expect(() => x.index(i32([3])).dataSync()).toThrow(IndexError);
  });
});

describe("scatter", () => {
  test("writes the last of several values for one place", () => {
    expect(
      zeros([4])
        .scatter(0, i32([1, 3, 1, 1]), tensor([4, 5, 6, 7]))
        .arraySync(),
    ).toEqual([0, 7, 0, 5]);
    const index = i32([
      [0, 0],
      [0, 1],
      [2, 0],
    ]);
    const source = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(ones([3, 2]).scatter(0, index, source).arraySync()).toEqual([
      [3, 6],
      [1, 4],
      [5, 1],
    ]);
    expect(
      zeros([3])
        .scatter(0, i32([1, 1]), 9)
        .arraySync(),
    ).toEqual([0, 9, 0]);
    expect(
      tensor([1, 2])
        .scatter(0, i32([0, 0]), tensor([Number.NaN, 5]))
        .arraySync(),
    ).toEqual([5, 2]);
  });

  test("gives the gradient to what was written, and to what was left", () => {
    const weights = tensor([1, 10, 100, 1000]);
    const written = (base: Tensor, source: Tensor) =>
      base
        .scatter(0, i32([1, 3, 1]), source)
        .mul(weights)
        .sum();
    const [base, source] = grad(written, { argnums: [0, 1] })(zeros([4]), tensor([4, 5, 6]));
    expect(base.arraySync()).toEqual([1, 0, 100, 0]);
    expect(source.arraySync()).toEqual([0, 1000, 10]);
  });

  test("takes indices that reach only a part", () => {
    expect(
      zeros([2, 3])
        .scatter(1, i32([[2, 2]]), tensor([[7, 8]]))
        .arraySync(),
    ).toEqual([
      [0, 0, 8],
      [0, 0, 0],
    ]);
    expect(zeros([2]).scatter(0, i32([]), tensor([])).arraySync()).toEqual([0, 0]);
    expect(() =>
      zeros([2])
        .scatter(0, i32([2]), tensor([1]))
        .dataSync(),
    ).toThrow(IndexError);
  });
});
