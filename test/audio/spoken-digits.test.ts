import { describe, expect, it } from "vitest";
import { drawVoice, Spectrogram, SpokenDigits, speakDigits, synthesizeDigits } from "../../src/audio/index.ts";
import { build, DataLoader, Random } from "../../src/data/index.ts";
import { ArgumentError, IndexError, tensor } from "../../src/tensor/index.ts";

const strings = (options: object = {}) => new SpokenDigits({ train: true, count: 50, seconds: 3, ...options });
/** Whether recordings are the same, bit for bit; a matcher would compare them one sample after the other. */
const same = (a: Float32Array, b: Float32Array) => Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer)) === 0;

describe("SpokenDigits", () => {
  it("depends on the seed, the epoch and the number of the string alone", async () => {
    const all = strings();
    const { samples, ...rest } = all.example(7, 2);
    for (const again of [strings({ count: 8 }), (await build(all.blueprint)) as SpokenDigits]) {
      const example = again.example(7, 2);
      expect(example).toMatchObject(rest);
      expect(same(example.samples, samples)).toBe(true);
    }
    const test = strings({ train: false });
    for (const other of [all.example(7), all.example(6, 2), strings({ seed: 1 }).example(7, 2), test.example(7, 2)]) {
      expect(same(other.samples, samples)).toBe(false);
    }
  });

  it("has other voices and tempos in the test, and few voices where few are asked for", () => {
    const [train, test] = [strings({ speakers: 3 }), strings({ train: false, speakers: 3 })];
    const voices = [train, test].map((part) => {
      const examples = Array.from({ length: 30 }, (_, i) => part.example(i));
      for (const { tempo, snr, digits } of examples) {
        expect(tempo >= 0.8 && tempo <= 1.25).toBe(part === train);
        expect(tempo >= 0.65 && tempo <= 1.5).toBe(true);
        expect(part === test ? snr === 10 : snr >= 0 && snr <= 30).toBe(true);
        expect(digits.length >= 3 && digits.length <= 7).toBe(true);
      }
      return new Set(examples.map(({ voice }) => voice.pitch));
    });
    expect(voices.map(({ size }) => size)).toEqual([3, 3]);
    expect([...voices[0]].some((pitch) => voices[1].has(pitch))).toBe(false);
  });

  it("gives recordings of one length and level, and digits filled up", async () => {
    const loader = new DataLoader(strings({ digits: [2, 4], seconds: 2, count: 3 }), { batchSize: 3 });
    for await (const [sound, digits, counts] of loader) {
      expect([sound.shape, digits.shape, counts.shape]).toEqual([[3, 16000], [3, 4], [3]]);
      for (const level of sound.square().mean(1).sqrt().dataSync()) expect(level).toBeCloseTo(0.1, 5);
      for (const [i, row] of (digits.arraySync() as number[][]).entries()) {
        const count = counts.dataSync()[i];
        expect(row.slice(0, count).every((digit) => digit >= 0 && digit <= 9)).toBe(true);
        expect(row.slice(count).every((digit) => digit === -1)).toBe(true);
      }
    }
  });

  it("refuses options out of their domain", () => {
    for (const wrong of [{ count: -1 }, { digits: [0, 3] }, { digits: [3, 2] }, { seconds: 1 }, { speakers: 0 }]) {
      expect(() => strings(wrong)).toThrow(ArgumentError);
    }
    expect(() => strings({ snr: [3, 2] })).toThrow("snr is lowest and highest, but is [3, 2]");
    expect(() => strings().get(50)).toThrow(IndexError);
  });
});

describe("speech", () => {
  const voice = { pitch: 125, formants: 1, breathiness: 0, openness: 0.6, damping: 1 };
  const say = (digits: number[], options = {}) => speakDigits(digits, voice, new Random(2), options);
  /** Mean power of some frequencies of the rate's 8000 Hz. */
  const power = (samples: Float32Array, from: number, to: number) => {
    const x = tensor(samples, { shape: [samples.length], dtype: "f32" });
    const spectrum = new Spectrogram({ nFft: 256 }).forward(x).mean(1); // bins of 31.25 Hz
    const first = Math.round(from / 31.25);
    return spectrum
      .narrow(0, first, Math.round(to / 31.25) - first)
      .mean()
      .itemSync();
  };

  it("has the formants of its vowels: four's are low, three's wide apart", () => {
    const [four, three] = [say([4]), say([3])];
    expect(power(four, 800, 1300) / power(four, 1800, 2300)).toBeGreaterThan(2);
    expect(power(three, 1800, 2300) / power(three, 800, 1300)).toBeGreaterThan(2);
  });

  it("hisses in six, and has the voice's pitch", () => {
    const six = say([6]);
    expect(power(six, 3300, 3900) / power(say([1]), 3300, 3900)).toBeGreaterThan(10);
    const one = say([1]);
    const lags = Array.from({ length: 60 }, (_, i) => i + 40);
    const likeness = lags.map((lag) => one.reduce((sum, value, i) => sum + value * (one[i + lag] ?? 0), 0));
    const pitch = 8000 / lags[likeness.indexOf(Math.max(...likeness))];
    expect(pitch).toBeGreaterThan(105);
    expect(pitch).toBeLessThan(145);
  });

  it("takes the time that its tempo gives it, and no longer than it may", () => {
    const usual = say([1, 2, 3]).length;
    expect(Math.abs(say([1, 2, 3], { tempo: 2 }).length - usual / 2)).toBeLessThanOrEqual(1);
    expect(say([1, 2, 3], { seconds: 0.5 }).length).toBe(4000);
    expect(say([1, 2, 3]).every(Number.isFinite)).toBe(true);
    expect(() => say([10])).toThrow(ArgumentError);
    expect(() => say([1], { tempo: 0 })).toThrow(ArgumentError);
  });

  it("is made of a text by seed", () => {
    const [a, b] = [synthesizeDigits("31415"), synthesizeDigits("31415", { seed: 1 })];
    const again = synthesizeDigits("31415").waveform;
    expect(a.waveform.sub(again).abs().amax().itemSync()).toBe(0);
    expect(a.waveform.shape).not.toEqual(b.waveform.shape);
    expect(drawVoice(new Random(0)).pitch).toBe(drawVoice(new Random(0)).pitch);
    expect(() => synthesizeDigits("3a")).toThrow('speaks digits, but got "3a"');
  });
});
