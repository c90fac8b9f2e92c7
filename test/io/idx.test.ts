import { describe, expect, it } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { parseIdx } from "../../src/io/idx.ts";

const idx = (...bytes: number[]) => parseIdx(new Uint8Array(bytes), "file");

describe("parseIdx", () => {
  it("reads shape and elements", () => {
    const { shape, data } = idx(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
    expect(shape).toEqual([2, 3]);
    expect([...data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("names the file and the numbers of what does not fit", () => {
    expect(() => idx(0, 0, 8)).toThrow(DataError);
    expect(() => idx(0, 0, 8)).toThrow("file is not an IDX file: it has 3 bytes");
    expect(() => idx(31, 139, 8, 0)).toThrow("magic number is 0x1f8b0800");
    expect(() => idx(0, 0, 13, 1, 0, 0, 0, 0)).toThrow("magic number is 0x00000d01");
    expect(() => idx(0, 0, 8, 3, 0, 0, 0, 1)).toThrow("a header for 3 dimensions has 16 bytes, but the file has 8");
    expect(() => idx(0, 0, 8, 1, 0, 0, 0, 3, 1, 2)).toThrow(
      "file is truncated: shape (3,) needs 11 bytes, but the file has 10",
    );
    expect(() => idx(0, 0, 8, 1, 0, 0, 0, 1, 1, 2)).toThrow(
      "file is altered: shape (1,) needs 9 bytes, but the file has 10",
    );
  });

  it("takes no memory for sizes that the file does not hold", () => {
    expect(() => idx(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255)).toThrow("is truncated");
  });
});
