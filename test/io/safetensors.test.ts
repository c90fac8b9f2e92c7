import { mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ArgumentError, DataError } from "../../src/core/errors.ts";
import { loadSafetensors, parseSafetensors, saveSafetensors, serializeSafetensors } from "../../src/io/safetensors.ts";
import { tensor, zeros } from "../../src/tensor/index.ts";

const folder = () => mkdtemp(join(tmpdir(), "chainrule-safetensors-"));

/** A file from its header (JSON unless a string) and its data. */
function file(header: unknown, data: ArrayBufferView | number[] = [], announced?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const body = Array.isArray(data)
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

const f32 = (shape: number[], start: number, stop: number) => ({ dtype: "F32", shape, data_offsets: [start, stop] });
const headerOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(8, 8 + bytes[0] + 256 * bytes[1]));

describe("parseSafetensors", () => {
  it("reads what the reference implementation writes", async () => {
    // safetensors.numpy.save({"b": [[1, 2]] f32, "a": [3] u8}, {"k": "v"})
    const header =
      '{"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}     ';
    const { tensors, metadata, dtypes } = await parseSafetensors(file(header, [0, 0, 128, 63, 0, 0, 0, 64, 3]));
    expect(metadata).toEqual({ k: "v" });
    expect(dtypes).toEqual({ b: "F32", a: "U8" });
    expect(tensors.b.shape).toEqual([1, 2]);
    expect(await tensors.b.array()).toEqual([[1, 2]]);
    expect(tensors.a.dtype).toBe("u8");
    expect(await tensors.a.array()).toEqual([3]);
  });

  it("computes with F16 and BF16 as f32, and with I64 as i32", async () => {
    const header = {
      half: { dtype: "F16", shape: [2], data_offsets: [0, 4] },
      brain: { dtype: "BF16", shape: [], data_offsets: [4, 6] },
      long: { dtype: "I64", shape: [2], data_offsets: [6, 22] },
    };
    const data = new Uint8Array([
      0,
      0x3c,
      0xff,
      0x7b,
      0x49,
      0xc0,
      ...new Uint8Array(new BigInt64Array([-2147483648n, 7n]).buffer),
    ]);
    const { tensors } = await parseSafetensors(file(header, data));
    expect(tensors.half.dtype).toBe("f32");
    expect(await tensors.half.array()).toEqual([1, 65504]);
    expect(await tensors.brain.item()).toBe(-3.140625);
    expect(tensors.long.dtype).toBe("i32");
    expect(await tensors.long.array()).toEqual([-2147483648, 7]);
    const wide = file({ n: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, new BigInt64Array([2147483648n]));
    await expect(parseSafetensors(wide, "w")).rejects.toThrow(
      'w: tensor "n" holds the 64-bit integer 2147483648, which does not fit i32',
    );
  });

  it.each<[string, Uint8Array, string]>([
    ["too short", new Uint8Array(7), "it has 7 bytes"],
    ["a header longer than the file", file({}, [], 1000n), "announces a header of 1000 bytes, but has 2"],
    [
      "a header of 2⁶⁴ − 1 bytes",
      file({}, [], 0xffffffffffffffffn),
      "announces a header of 18446744073709552000 bytes",
    ],
    ["a header that is not JSON", file("{nonsense"), "the header is not JSON"],
    ["a header that is not UTF-8", file({}, [0xff], 3n), "the header is not JSON"],
    ["a header that is not an object", file("[]"), "must be a JSON object"],
    ["metadata that is not text", file({ __metadata__: { a: 1 } }), "__metadata__ must map strings to strings"],
    ["no description", file({ a: 7 }), 'tensor "a" has no description'],
    [
      "an unknown dtype",
      file({ a: { dtype: "F8_E4M3", shape: [1], data_offsets: [0, 1] } }, [0]),
      "dtype F8_E4M3; those that can be read are F64",
    ],
    [
      "a dtype from the prototype",
      file({ a: { dtype: "toString", shape: [1], data_offsets: [0, 1] } }, [0]),
      "dtype toString",
    ],
    ["a negative size", file({ a: f32([-1], 0, 4) }, [0, 0, 0, 0]), "no valid shape"],
    ["a fractional size", file({ a: f32([0.5], 0, 2) }, [0, 0]), "no valid shape"],
    ["one offset", file({ a: { dtype: "F32", shape: [1], data_offsets: [0] } }), "no valid data_offsets"],
    [
      "offsets that do not fit the shape",
      file({ a: f32([2], 0, 4) }, [0, 0, 0, 0]),
      "is F32(2,) and needs 8 bytes, but its data_offsets [0, 4] hold 4",
    ],
    ["a shape beyond any memory", file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, [0, 0, 0, 0]), "hold 4"],
    [
      "a gap",
      file({ a: f32([1], 4, 8) }, new Uint8Array(8)),
      'tensor "a" starts at byte 4, but the one before it ends at 0',
    ],
    [
      "an overlap",
      file({ a: f32([1], 0, 4), b: f32([1], 2, 6) }, new Uint8Array(6)),
      'tensor "b" starts at byte 2, but the one before it ends at 4',
    ],
    [
      "offsets beyond the end",
      file({ a: f32([2], 0, 8) }, new Uint8Array(4)),
      "describes 8 bytes of tensors, but it holds 4",
    ],
    ["bytes left over", file({ a: f32([1], 0, 4) }, new Uint8Array(5)), "describes 4 bytes of tensors, but it holds 5"],
  ])("refuses %s", async (_, bytes, message) => {
    const error = await parseSafetensors(bytes, "model").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toMatch(/^model/);
  });

  it("keeps tensors with odd names apart from the object's own properties", async () => {
    const { tensors } = await parseSafetensors(
      file('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', [5]),
    );
    expect(Object.keys(tensors)).toEqual(["__proto__"]);
  });
});

describe("saveSafetensors", () => {
  it("gives back every dtype, shape and bit", async () => {
    const path = join(await folder(), "all.safetensors");
    const tensors = {
      f32: tensor(new Float32Array([1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3]), { shape: [2, 3] }),
      f64: tensor(new Float64Array([Math.PI])),
      i32: tensor(new Int32Array([-2147483648, 2147483647])),
      u32: tensor(new Uint32Array([4294967295])),
      u8: tensor(new Uint8Array([0, 255, 7]), { shape: [3, 1] }),
      bool: tensor([true, false]),
      scalar: tensor(2.5),
      empty: zeros([0, 4]),
    };
    await saveSafetensors(path, tensors);
    const loaded = await loadSafetensors(path);
    expect(Object.keys(loaded.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, expected] of Object.entries(tensors)) {
      const actual = loaded.tensors[name];
      expect([actual.dtype, actual.shape], name).toEqual([expected.dtype, expected.shape]);
      expect(new Uint8Array((await actual.data()).slice().buffer), name).toEqual(
        new Uint8Array((await expected.data()).slice().buffer),
      );
    }
  });

  it("is deterministic, aligned, and sorted by width and name", async () => {
    const a = tensor(new Uint8Array([1]));
    const [b, c] = [tensor([1, 2]), tensor(new Float64Array([3]))];
    const bytes = await serializeSafetensors({ b, a, c }, { metadata: { z: "1", y: "2" } });
    expect(await serializeSafetensors({ c, a, b }, { metadata: { y: "2", z: "1" } })).toEqual(bytes);
    expect((bytes[0] + 256 * bytes[1]) % 8).toBe(0);
    expect(headerOf(bytes).trimEnd()).toBe(
      '{"__metadata__":{"y":"2","z":"1"},"c":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"a":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}',
    );
  });

  it("saves what it loaded in the dtypes it came in", async () => {
    const header = {
      long: { dtype: "I64", shape: [1], data_offsets: [0, 8] },
      brain: { dtype: "BF16", shape: [1], data_offsets: [8, 10] },
      half: { dtype: "F16", shape: [1], data_offsets: [10, 12] },
    };
    const data = [...new Uint8Array(new BigInt64Array([-5n]).buffer), 0x49, 0xc0, 0x55, 0x35];
    const loaded = await parseSafetensors(file(header, data));
    const again = await serializeSafetensors(loaded.tensors, loaded);
    expect([...again.subarray(-12)]).toEqual(data);
    expect((await parseSafetensors(again)).dtypes).toEqual(loaded.dtypes);
    await expect(serializeSafetensors({ long: tensor([1.5]) }, loaded)).rejects.toThrow(ArgumentError);
  });

  it("names the file that is missing or truncated, at any length", async () => {
    const path = join(await folder(), "model.safetensors");
    await expect(loadSafetensors(path)).rejects.toThrow(`cannot open ${path}`);
    await saveSafetensors(path, { a: tensor([1, 2, 3]) });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole);
      await truncate(path, length);
      const error = await loadSafetensors(path).catch((e: unknown) => e);
      expect(error, `${length} bytes`).toBeInstanceOf(DataError);
      expect((error as Error).message).toContain(path);
    }
  });
});
