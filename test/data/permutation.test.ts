import { describe, expect, it } from "vitest";
import { permutation, threefry } from "../../src/data/permutation.ts";

describe("threefry", () => {
  it("gives the known answers of Random123 (threefry2x32, 20 rounds)", () => {
    expect(threefry(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });
});

describe("permutation", () => {
  it("holds every number once, in an order that (seed, epoch) fixes", () => {
    const order = permutation(1000, 7, 3);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(permutation(1000, 7, 3)).toEqual(order);
    expect(permutation(1000, 7, 4)).not.toEqual(order);
    expect(permutation(1000, 8, 3)).not.toEqual(order);
  });

  it("is fair: each of the 24 orders of four comes up about as often", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 24_000; epoch++) {
      const key = permutation(4, 1, epoch).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi2 = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chi2).toBeLessThan(49.7); // 99.9 % of fair shuffles, 23 degrees of freedom
  });

  it("copes with none and one", () => {
    expect([...permutation(0, 0, 0)]).toEqual([]);
    expect([...permutation(1, 0, 0)]).toEqual([0]);
  });
});
