import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  allclose,
  arange,
  bernoulli,
  bincount,
  cat,
  compile,
  corrcoef,
  cov,
  DTypeError,
  einsum,
  eye,
  full,
  Generator,
  histc,
  IndexError,
  linspace,
  manualSeed,
  meshgrid,
  multinomial,
  type Nested,
  rand,
  randint,
  randn,
  randperm,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  unique,
  Variable,
  where,
  zeros,
} from "../../src/index.ts";

const i32 = (data: Nested) => tensor(data, { dtype: "i32" });

describe("creation", () => {
  test("dtypes", () => {
    expect(tensor([1, 2]).dtype).toBe("f32");
    expect(tensor([true]).dtype).toBe("bool");
    expect(tensor(new Float64Array(2)).dtype).toBe("f64");
    expect(tensor(new Uint8Array([255]), { dtype: "f32" }).arraySync()).toEqual([255]);
    expect(tensor([1.9, -1.9, 3e9], { dtype: "i32" }).arraySync()).toEqual([1, -1, 2147483647]);
    expect(full([2], true).arraySync()).toEqual([true, true]);
  });

  test("shapes", () => {
    expect(tensor(5).shape).toEqual([]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor(Buffer.from([1, 2, 3, 4]), { shape: [2, 2] }).arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(() => tensor([[1, 2], [3]])).toThrow(ShapeError);
    expect(() => tensor([1, [2]])).toThrow(ShapeError);
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(/3 elements.*\(2, 2\), 4 elements/);
    expect(() => tensor(["1"] as never)).toThrow(ArgumentError);
  });

  test("ranges", () => {
    expect(arange(2, 5, { dtype: "i32" }).arraySync()).toEqual([2, 3, 4]);
    expect(arange(0, -4, -1.5).arraySync()).toEqual([0, -1.5, -3]);
    expect(linspace(-1, 1, 3).arraySync()).toEqual([-1, 0, 1]);
    expect(linspace(5, 6, 1).arraySync()).toEqual([5]);
    expect(() => arange(0, 1, -1)).toThrow(ArgumentError);
    expect(eye(2, 3).arraySync()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const [a, b] = meshgrid([arange(2), arange(3)], { indexing: "xy" });
    expect(a.shape).toEqual([3, 2]);
    expect(b.arraySync()).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });
});

describe("numbers are weak, tensors promote", () => {
  test.each<[string, Tensor, string]>([
    ["f32 + number", tensor([1]).add(0.5), "f32"],
    ["i32 + whole", i32([1]).add(2), "i32"],
    ["i32 + fraction", i32([1]).add(0.5), "f32"],
    ["u8 + whole", tensor(new Uint8Array([1])).add(2), "u8"],
    ["bool + whole", tensor([true]).add(2), "i32"],
    ["i32 + f32", i32([1]).add(tensor([1])), "f32"],
    ["f32 + f64", tensor([1]).add(tensor([1], { dtype: "f64" })), "f64"],
    ["i32 / i32", i32([1]).div(i32([2])), "f32"],
    ["i32 mean of float", i32([1, 2]).float().mean(), "f32"],
    ["bool sum", tensor([true, true]).sum(), "i32"],
    ["exp of i32", i32([1]).exp(), "f32"],
  ])("%s", (_, x, dtype) => expect(x.dtype).toBe(dtype));
});

describe("what goes wrong is told with shapes", () => {
  const x = zeros([2, 3]);
  test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    ["broadcast", () => x.add(zeros([4])), ShapeError, /\(2, 3\) and \(4,\).*3 and 4/],
    ["matmul", () => x.matmul(x), ShapeError, /\(2, 3\) by \(2, 3\).*3 and 2.*\.t\(\)/],
    ["reshape", () => x.reshape([4, -1]), ShapeError, /\(2, 3\), 6 elements/],
    ["dim", () => x.sum(2), ShapeError, /dimension 2.*-2 to 1/],
    ["cat", () => cat([x, zeros([2, 4])]), ShapeError, /\(2, 3\), \(2, 4\)/],
    ["stack", () => stack([]), ArgumentError, /at least one/],
    ["where", () => where(x, 1, 2), DTypeError, /f32.*ne\(0\)/],
    ["index", () => x.index(5), IndexError, /5.*size 2/],
    ["too many items", () => x.index(0, 0, 0), ShapeError, /take 3 dimensions.*\(2, 3\)/],
    ["mask", () => x.take(x.gt(0)), DTypeError, /maskedSelect/],
    ["float index", () => x.indexSelect(0, tensor([1])), DTypeError, /f32.*to\("i32"\)/],
    ["empty max", () => zeros([0]).max(), ShapeError, /no elements/],
    ["mean of integers", () => i32([1]).mean(), DTypeError, /float/],
    ["einsum sizes", () => einsum("ij,jk->ik", x, x), ShapeError, /"j" is 3 and 2/],
    ["einsum names", () => einsum("ij->ik", x), ArgumentError, /"k"/],
    ["movedim by fewer", () => x.movedim([0, 1], 0), ArgumentError, /\[0,1\] to \[0\]/],
    ["movedim twice", () => x.movedim([0, -2], [0, 1]), ArgumentError, /each once/],
    ["roll by fewer", () => x.roll([1, 2], 0), ArgumentError, /2 shifts.*1 dimensions/],
    ["item", () => x.itemSync(), ArgumentError, /\(2, 3\)/],
    ["assign", () => new Variable(x).assign(zeros([3])), ShapeError, /\(2, 3\).*\(3,\)/],
  ])("%s", (_, f, type, message) => {
    expect(f).toThrow(type);
    expect(f).toThrow(message);
  });

  test("JavaScript's operators on tensors", () => {
    const t = tensor(1) as unknown as number;
    expect(() => t + 1).toThrow(/x\.add\(y\)/);
    expect(() => t > 0).toThrow(ArgumentError);
    expect(() => Number(t)).toThrow(ArgumentError);
  });
});

describe("what only numbers can tell", () => {
  test("maskedSelect and nonzero", async () => {
    const x = tensor([
      [1, -2],
      [-3, 4],
    ]);
    expect((await x.maskedSelect(x.lt(0))).arraySync()).toEqual([-2, -3]);
    expect((await x.lt(0).nonzero()).arraySync()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect((await tensor(3).nonzero()).shape).toEqual([1, 0]);
  });

  test("an index that is out of range, once it is computed", () => {
    const bad = i32([0, 3]);
    expect(() => tensor([1, 2, 3]).take(bad).dataSync()).toThrow(IndexError);
    expect(() =>
      zeros([3, 3])
        .index(i32([0, 0]), bad)
        .dataSync(),
    ).toThrow(IndexError);
  });
});

describe("sorting", () => {
  const special = [3, Number.NaN, -0, 0, Number.NEGATIVE_INFINITY, -1e-40, 1e38, -2, Number.POSITIVE_INFINITY];

  test.each(["f32", "f64"] as const)("%s: NaN last, equal elements keep their order", (dtype) => {
    const x = tensor(special, { dtype });
    expect(x.argsort().arraySync()).toEqual([4, 7, 5, 2, 3, 0, 6, 8, 1]);
    expect(x.argsort(0, { descending: true }).arraySync()).toEqual([1, 8, 6, 0, 2, 3, 5, 7, 4]);
  });

  test("f64 beyond what f32 can tell apart", () => {
    // PyTorch 1.13: torch.sort(x, stable=True)
    const tiny = [5e-324, 1e-320, -5e-324, Number.NaN, 1 - 2 ** -53, 1e-40, -1e-40];
    const x = tensor(
      [1e300, -1e300, 1 + 2 ** -52, 1, -0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, ...tiny],
      { dtype: "f64" },
    );
    const ascending = [8, 1, 15, 11, 4, 5, 9, 10, 14, 13, 3, 2, 0, 7, 6, 12];
    const descending = [6, 12, 7, 0, 2, 3, 13, 14, 10, 9, 4, 5, 11, 15, 1, 8];
    expect(x.argsort().arraySync()).toEqual(ascending);
    expect(x.sort(0, { descending: true }).indices.arraySync()).toEqual(descending);
    expect(x.topk(4).values.arraySync()).toEqual([Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, 1e300]);
  });

  test("integers and bools", () => {
    expect(i32([5, -7, 0]).sort().values.arraySync()).toEqual([-7, 0, 5]);
    expect(
      tensor(new Uint32Array([4e9, 1]))
        .argsort()
        .arraySync(),
    ).toEqual([1, 0]);
    expect(tensor([true, false]).argsort().arraySync()).toEqual([1, 0]);
  });
});

describe("random numbers", () => {
  test("the first numbers of seed 0 are Threefry's", () => {
    // Threefry2x32-20 with key 0: blocks (0, 0) and (1, 0), the upper 24 bits of the first word.
    manualSeed(0);
    const [first] = rand([2], { generator: new Generator(0) }).dataSync();
    expect(first).toBe((0x6b200159 >>> 8) / 2 ** 24);
  });

  test("moments", () => {
    manualSeed(1);
    const n = 4000;
    const u = rand([n]);
    expect(u.mean().itemSync()).toBeCloseTo(0.5, 1);
    expect(u.var().itemSync()).toBeCloseTo(1 / 12, 2);
    expect(u.lt(1).all().itemSync()).toBe(1);
    const z = randn([n]);
    expect(Math.abs(z.mean().itemSync())).toBeLessThan(0.04);
    expect(z.std().itemSync()).toBeCloseTo(1, 1);
    expect(z.pow(4).mean().itemSync()).toBeCloseTo(3, 0);
    expect(
      bernoulli(full([n], 0.3))
        .mean()
        .itemSync(),
    ).toBeCloseTo(0.3, 1);
  });

  test("whole numbers", () => {
    const x = randint(-2, 3, [1000]);
    expect([...new Set(x.dataSync())].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    expect(x.dtype).toBe("i32");
    expect([...randperm(100).dataSync()].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(() => randint(3, 3, [1])).toThrow(ArgumentError);
  });

  test("draws by weight", () => {
    const weights = tensor([0, 1, 3]);
    const without = multinomial(weights, 2).dataSync();
    expect([...without].sort()).toEqual([1, 2]);
    const drawn = multinomial(weights, 1500, { replacement: true });
    expect(drawn.eq(0).any().itemSync()).toBe(0);
    expect(drawn.eq(2).float().mean().itemSync()).toBeCloseTo(0.75, 1);
    const draw = compile((w: Tensor) => multinomial(w, 2));
    for (const wrong of [
      [1, 0, 0],
      [1, -1, 1],
      [1, Number.NaN, 1],
      [1, Number.POSITIVE_INFINITY, 1],
    ]) {
      expect(() => multinomial(tensor(wrong), 2).dataSync(), String(wrong)).toThrow("multinomial: the weights (3,)");
      expect(() => draw(tensor(wrong)).dataSync(), String(wrong)).toThrow(IndexError);
    }
  });

  test("a generator of its own does not disturb the default one", () => {
    manualSeed(3);
    const expected = rand([2]).arraySync();
    manualSeed(3);
    rand([5], { generator: new Generator(9) }).dataSync();
    expect(rand([2]).arraySync()).toEqual(expected);
  });

  test("the counter carries into its upper word", () => {
    const generator = new Generator(5);
    generator.state.set(tensor(new Uint32Array([5, 0, 2 ** 32 - 1, 0])));
    const across = rand([2], { generator }).dataSync();
    expect([...generator.state.get()!.dataSync()]).toEqual([5, 0, 1, 1]);
    generator.state.set(tensor(new Uint32Array([5, 0, 0, 1])));
    expect(rand([1], { generator }).dataSync()[0]).toBe(across[1]);
  });
});

describe("statistics", () => {
  // torch.cov, corrcoef, histc, unique of PyTorch 1.13
  const x = tensor([
    [0.5, -1, 2, 0],
    [1, 1.5, -0.5, 3],
  ]);

  test("covariance and correlation", () => {
    const close = (actual: Tensor, expected: number[]) =>
      actual.dataSync().forEach((value, i) => void expect(value).toBeCloseTo(expected[i], 6));
    close(cov(x), [1.5625, -1.2916666, -1.2916666, 2.0833333]);
    close(cov(x.index(0)), [1.5625]);
    close(corrcoef(x), [1, -0.71591437, -0.71591437, 1]);
  });

  test("counts", async () => {
    expect(histc(tensor([-1, 0, 0.5, 1, 2, 4, 5]), 4, 0, 4).arraySync()).toEqual([2, 1, 1, 1]);
    expect(() => bincount(i32([4]), 4).dataSync()).toThrow(IndexError);
    const { values, counts } = await unique(tensor([2, 1, 2, -3, 1, 2]));
    expect(values.arraySync()).toEqual([-3, 1, 2]);
    expect(counts.arraySync()).toEqual([1, 2, 3]);
    expect((await unique(zeros([0]))).values.shape).toEqual([0]);
  });

  test("closeness", async () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(await allclose(tensor([inf, 1]), tensor([inf, 1 + 1e-6]))).toBe(true);
    expect(await allclose(tensor([inf]), tensor([1]))).toBe(false);
    expect(await allclose(tensor([1]), tensor([inf]))).toBe(false);
    expect(await allclose(tensor([Number.NaN]), tensor([Number.NaN]))).toBe(false);
    expect(await allclose(tensor([Number.NaN]), tensor([Number.NaN]), { equalNan: true })).toBe(true);
  });
});
