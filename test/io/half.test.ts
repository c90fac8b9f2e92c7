import { describe, expect, it } from "vitest";
import { fromBFloat16, fromFloat16, toBFloat16, toFloat16 } from "../../src/io/half.ts";

describe("float16", () => {
  it("reads the landmarks of the format", () => {
    const landmarks: [number, number][] = [
      [0x0000, 0],
      [0x3c00, 1],
      [0xc000, -2],
      [0x3555, 0.333251953125],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x7bff, 65504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
    ];
    for (const [bits, value] of landmarks) expect(fromFloat16(bits), bits.toString(16)).toBe(value);
    expect(fromFloat16(0x7e01)).toBeNaN();
    expect(Object.is(fromFloat16(0x8000), -0)).toBe(true);
  });

  it("gives every one of the 65,536 patterns back", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value)) expect(toFloat16(value) & 0x7fff).toBeGreaterThan(0x7c00);
      else if (toFloat16(value) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
  });

  it("rounds half to even, in the normal range, below it and at its end", () => {
    expect(toFloat16(1 + 2 ** -11)).toBe(0x3c00);
    expect(toFloat16(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(toFloat16(2 ** -25)).toBe(0);
    expect(toFloat16(3 * 2 ** -25)).toBe(2);
    expect(toFloat16(2047.5)).toBe(toFloat16(2048));
    expect(toFloat16(65519)).toBe(0x7bff);
    expect(toFloat16(65520)).toBe(0x7c00);
    expect(toFloat16(-1e30)).toBe(0xfc00);
  });
});

describe("bfloat16", () => {
  it("is the upper half of a float32", () => {
    expect(fromBFloat16(0x3f80)).toBe(1);
    expect(fromBFloat16(0xc049)).toBe(-3.140625);
    expect(fromBFloat16(0x7f80)).toBe(Number.POSITIVE_INFINITY);
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromBFloat16(bits);
      if (!Number.isNaN(value) && toBFloat16(value) !== bits) expect.fail(`0x${bits.toString(16)}`);
    }
    expect(fromBFloat16(toBFloat16(Number.NaN))).toBeNaN();
  });

  it("rounds half to even", () => {
    expect(toBFloat16(1 + 2 ** -8)).toBe(0x3f80);
    expect(toBFloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(toBFloat16(3.4e38)).toBe(0x7f80);
  });
});
