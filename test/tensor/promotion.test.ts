import { expect, test } from "vitest";
import { type DType, full, ones, tensor, where } from "../../src/index.ts";

const DTYPES: readonly DType[] = ["f32", "f64", "i32", "u8", "bool"];

test("tensors without dimensions are weak beside others, as in PyTorch", () => {
  // Row: dtype of a vector; column: of a tensor without dimensions. From PyTorch 1.13.
  const expected = [
    ["f32", "f32", "f32", "f32", "f32"],
    ["f64", "f64", "f64", "f64", "f64"],
    ["f32", "f64", "i32", "i32", "i32"],
    ["f32", "f64", "u8", "u8", "u8"],
    ["f32", "f64", "i32", "u8", "bool"],
  ];
  const found = DTYPES.map((a) => DTYPES.map((b) => ones([2], { dtype: a }).mul(full([], 1, { dtype: b })).dtype));
  expect(found).toEqual(expected);
  const turned = DTYPES.map((a) => DTYPES.map((b) => full([], 1, { dtype: b }).mul(ones([2], { dtype: a })).dtype));
  expect(turned).toEqual(expected);
});

test("among themselves, and with numbers, they promote as ever", () => {
  const scalar = (dtype: DType) => full([], 1, { dtype });
  expect(scalar("f32").mul(scalar("f64")).dtype).toBe("f64");
  expect(scalar("i32").mul(0.5).dtype).toBe("f32");
  expect(scalar("f64").mul(2).dtype).toBe("f64");
  expect(ones([1]).mul(ones([1, 1], { dtype: "f64" })).dtype).toBe("f64");
  expect(where(tensor([true, false]), ones([2]), scalar("f64")).dtype).toBe("f32");
  expect(
    tensor([1, 2])
      .mul(full([], 0.1, { dtype: "f64" }))
      .arraySync(),
  ).toEqual([0.1, 0.2].map(Math.fround));
});
