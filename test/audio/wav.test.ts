import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseWav, readWav, serializeWav, type WavEncoding, writeWav } from "../../src/audio/index.ts";
import { Random } from "../../src/data/index.ts";
import { ArgumentError, DataError, ShapeError, tensor, zeros } from "../../src/tensor/index.ts";

const folder = mkdtempSync(join(tmpdir(), "chainrule-wav-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const u16 = (n: number): number[] => [n & 255, n >> 8];
const u32 = (n: number): number[] => [...u16(n & 65535), ...u16(n >>> 16)];
const chunk = (id: string, bytes: readonly number[]): number[] => [
  ...ascii(id),
  ...u32(bytes.length),
  ...bytes,
  ...(bytes.length % 2 ? [0] : []),
];
const wav = (...chunks: number[][]): Uint8Array =>
  Uint8Array.from([...ascii("RIFF"), ...u32(4 + chunks.flat().length), ...ascii("WAVE"), ...chunks.flat()]);
const format = (tag: number, channels: number, rate: number, bits: number, frame = (channels * bits) / 8): number[] => [
  ...u16(tag),
  ...u16(channels),
  ...u32(rate),
  ...u32(rate * frame),
  ...u16(frame),
  ...u16(bits),
];
const GUID = [0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113];

describe("parseWav", () => {
  it("reads what the bytes say, channels apart", () => {
    const cases: [number[], number[], number[][]][] = [
      [format(1, 1, 8000, 8), [0, 64, 128, 255], [[-1, -0.5, 0, 127 / 128]]],
      [
        format(1, 2, 8000, 16),
        [0, 128, 0, 64, 255, 255, 255, 127],
        [
          [-1, -1 / 32768],
          [0.5, 32767 / 32768],
        ],
      ],
      [format(1, 1, 44100, 24), [0, 0, 128, 1, 0, 0, 255, 255, 255], [[-1, 2 ** -23, -(2 ** -23)]]],
      [format(1, 1, 8000, 32), [0, 0, 0, 64, 0, 0, 0, 128], [[0.5, -1]]],
      [format(3, 1, 8000, 32), [0, 0, 128, 63, 0, 0, 0, 192], [[1, -2]]],
      [format(3, 1, 8000, 64), [0, 0, 0, 0, 0, 0, 240, 63], [[1]]],
    ];
    for (const [head, data, want] of cases) {
      const { waveform, sampleRate } = parseWav(wav(chunk("fmt ", head), chunk("data", data)));
      expect(waveform.arraySync()).toEqual(want);
      expect(sampleRate).toBe(head[4] + 256 * head[5]);
      expect(waveform.dtype).toBe(head[14] === 64 ? "f64" : "f32");
    }
  });

  it("passes over other chunks, also odd ones, and reads the extensible form", () => {
    const extensible = [...format(0xfffe, 3, 8000, 16), ...u16(22), ...u16(16), ...u32(7), ...u16(1), ...GUID];
    const bytes = wav(
      chunk("LIST", ascii("odd")),
      chunk("fmt ", extensible),
      chunk("fact", u32(1)),
      chunk("data", [0, 64, 0, 32, 0, 16]),
    );
    expect(parseWav(bytes).waveform.arraySync()).toEqual([[0.5], [0.25], [0.125]]);
    // a view into a larger buffer
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 5);
    expect(parseWav(larger.subarray(5, 5 + bytes.length)).waveform.shape).toEqual([3, 1]);
    expect(parseWav(wav(chunk("fmt ", format(1, 2, 8000, 16)), chunk("data", []))).waveform.shape).toEqual([2, 0]);
  });

  it("refuses what contradicts itself, before it asks for memory", () => {
    const pcm = chunk("fmt ", format(1, 1, 8000, 16));
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(0), 'does not begin with "RIFF"'],
      [Uint8Array.from(ascii("RIFX0000WAVE")), 'does not begin with "RIFF"'],
      [wav(), "no chunk that says its format"],
      [wav(chunk("fmt ", [1, 0, 1, 0])), "no chunk that says its format"],
      [wav(pcm), "it has no samples"],
      [wav(chunk("data", [0, 0])), "no chunk that says its format"],
      [
        wav(pcm, [...ascii("data"), ...u32(0xffffffff), 0, 0]),
        'chunk "data" has 4294967295 bytes, of which 2 are there',
      ],
      [wav([...ascii("LIST"), ...u32(100)], pcm), 'chunk "LIST" has 100 bytes'],
      [wav(pcm, chunk("data", [0, 0, 0])), "ends within a frame: 3 bytes in frames of 2"],
      [wav(chunk("fmt ", format(1, 0, 8000, 16)), chunk("data", [])), "contradicts itself: 0 channels"],
      [wav(chunk("fmt ", format(1, 1, 0, 16)), chunk("data", [])), "at 0 Hz"],
      [wav(chunk("fmt ", format(1, 2, 8000, 16, 2)), chunk("data", [])), "in frames of 2 bytes"],
      [wav(chunk("fmt ", format(1, 1, 8000, 12)), chunk("data", [])), "format 1 with 12 bits"],
      [wav(chunk("fmt ", format(6, 1, 8000, 8)), chunk("data", [])), "format 6 with 8 bits"],
      [wav(chunk("fmt ", format(0xfffe, 1, 8000, 16)), chunk("data", [])), "format -1 with 16 bits"],
    ];
    for (const [bytes, words] of cases) {
      expect(() => parseWav(bytes, "a.wav")).toThrow(DataError);
      expect(() => parseWav(bytes, "a.wav")).toThrow(words);
    }
  });

  it("never throws anything else, whatever the bytes", () => {
    const good = serializeWav({ waveform: tensor([[0.1, 0.2, 0.3]]), sampleRate: 8000 });
    const random = new Random(0);
    for (let i = 0; i < 500; i++) {
      const bytes = good.slice(0, random.integer(good.length + 1));
      for (let k = 0; k < 3; k++) bytes[random.integer(bytes.length)] = random.integer(256);
      try {
        parseWav(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
      }
    }
  });
});

describe("writing", () => {
  const steps: Readonly<Record<WavEncoding, number>> = {
    pcm8: 2 ** -7,
    pcm16: 2 ** -15,
    pcm24: 2 ** -23,
    pcm32: 2 ** -31,
    float32: 0,
    float64: 0,
  };

  it.each(Object.keys(steps) as WavEncoding[])(
    "%s comes back within half a step, cut off at full scale",
    (encoding) => {
      const values = [0, 0.3, -0.7, 0.9921875, -1, 1.5, -1.5];
      const dtype = encoding === "float64" || encoding === "pcm32" ? "f64" : "f32";
      const waveform = tensor([values, values.toReversed()], { dtype });
      const { waveform: back, sampleRate } = parseWav(serializeWav({ waveform, sampleRate: 22050 }, { encoding }));
      expect([sampleRate, ...back.shape]).toEqual([22050, 2, 7]);
      const step = steps[encoding];
      const found = (back.arraySync() as number[][])[0];
      for (const [i, value] of values.entries()) {
        const want = step === 0 ? (waveform.arraySync() as number[][])[0][i] : Math.min(Math.max(value, -1), 1 - step);
        expect(Math.abs(found[i] - want)).toBeLessThanOrEqual(step / 2 + 1e-7);
      }
    },
  );

  it("writes files whole, and names those that cannot be read", async () => {
    const path = join(folder, "a.wav");
    await writeWav(path, { waveform: tensor([0, 0.5, -0.5]), sampleRate: 8000 }, { encoding: "pcm8" });
    expect(readdirSync(folder)).toEqual(["a.wav"]);
    expect((await readWav(path)).waveform.arraySync()).toEqual([[0, 0.5, -0.5]]);
    writeFileSync(join(folder, "b.wav"), "RIFF");
    await expect(readWav(join(folder, "b.wav"))).rejects.toThrow(`${join(folder, "b.wav")} is no WAV file`);
    await expect(readWav(join(folder, "c.wav"))).rejects.toThrow(DataError);
  });

  it("refuses other shapes and rates", () => {
    expect(() => serializeWav({ waveform: zeros([1, 2, 3]), sampleRate: 8000 })).toThrow(ShapeError);
    expect(() => serializeWav({ waveform: zeros([0, 3]), sampleRate: 8000 })).toThrow(ShapeError);
    expect(() => serializeWav({ waveform: zeros([3]), sampleRate: 0.5 })).toThrow(ArgumentError);
  });
});
