import { describe, expect, it } from "vitest";
import {
  addNoise,
  amplitudeToDb,
  drawNoise,
  hannWindow,
  istft,
  MelSpectrogram,
  MFCC,
  melscaleFbanks,
  resample,
  SpecAugment,
  Spectrogram,
  stft,
} from "../../src/audio/index.ts";
import { Random } from "../../src/data/index.ts";
import {
  ArgumentError,
  arange,
  DTypeError,
  Generator,
  manualSeed,
  ones,
  randn,
  ShapeError,
  tensor,
  zeros,
} from "../../src/tensor/index.ts";

const normal = (shape: number[], seed = 0) => randn(shape, { dtype: "f64", generator: new Generator(seed) });
const wave = (hertz: number, rate: number, length: number) =>
  arange(length, { dtype: "f64" })
    .mul((2 * Math.PI * hertz) / rate)
    .sin();

describe("stft", () => {
  it("comes back through istft, and keeps the signal's energy", () => {
    const x = normal([2, 100]);
    for (const options of [{ hopLength: 4 }, { hopLength: 7, normalized: true }, { onesided: false }]) {
      const given = { ...options, window: hannWindow(16, { dtype: "f64" }).add(0.1) };
      const back = istft(stft(x, 16, given), 16, { ...given, length: 100 });
      expect(back.sub(x).abs().amax().itemSync()).toBeLessThan(1e-12);
    }
    // Parseval: frames side by side, without a window
    const whole = stft(x, 10, { hopLength: 10, center: false, onesided: false, normalized: true });
    expect(whole.square().sum().itemSync()).toBeCloseTo(x.square().sum().itemSync(), 10);
  });

  it("finds a wave where it is", () => {
    const power = new Spectrogram({ nFft: 200 }).forward(wave(1000, 8000, 800)); // bins of 40 Hz
    for (const bin of power.narrow(1, 1, 7).argmax(0).dataSync()) expect(bin).toBe(25);
  });

  it("says what does not fit", () => {
    const x = zeros([8]);
    expect(() => stft(zeros([2, 3, 8]), 4)).toThrow("stft needs signals (L) or (N, L), but got (2, 3, 8)");
    expect(() => stft(x, 32)).toThrow("a signal of 8 samples is too short for windows of 32");
    expect(() => stft(x, 12, { center: false })).toThrow(ShapeError);
    expect(() => stft(x, 4, { winLength: 5 })).toThrow(ArgumentError);
    expect(() => stft(x, 4, { hopLength: 0 })).toThrow(ArgumentError);
    expect(() => stft(x, 4, { window: ones([3]) })).toThrow("the window has 4 samples, but its shape is (3,)");
    expect(() => istft(zeros([4, 3, 2]), 4)).toThrow("istft needs spectra (N, 3, T, 2), but got (4, 3, 2)");
    expect(() => istft(zeros([3, 0, 2]), 4)).toThrow(ShapeError);
    expect(() => new Spectrogram().forward(zeros([8], { dtype: "i32" }))).toThrow(DTypeError);
    expect(() => melscaleFbanks(5, 100, 100, 2, 8000)).toThrow(ArgumentError);
    expect(() => new MFCC({ nMfcc: 4, mel: { nMels: 3 } })).toThrow("there are no 4 coefficients of 3 triangles");
    expect(() => amplitudeToDb(x, { amin: 0 })).toThrow(ArgumentError);
    expect(() => resample(x, 8000, 0.5)).toThrow(ArgumentError);
    expect(() => hannWindow(-1)).toThrow(ArgumentError);
  });
});

it("mel triangles overlap so that those between the first and the last peak add up to one", () => {
  for (const melScale of ["htk", "slaney"] as const) {
    const sums = melscaleFbanks(101, 0, 4000, 10, 8000, { melScale, dtype: "f64" }).sum(1).dataSync();
    for (const sum of sums.slice(20, 70)) expect(sum).toBeCloseTo(1, 12);
  }
  expect(Object.keys(new MelSpectrogram().stateDict())).toEqual([]);
});

it("resample keeps a wave below the lower rate's half, and drops one above it", () => {
  const inner = (x: ReturnType<typeof wave>) => x.narrow(0, 100, 300);
  const low = resample(wave(440, 16000, 1000), 16000, 8000);
  expect(low.shape).toEqual([500]);
  expect(
    inner(low)
      .sub(inner(wave(440, 8000, 500)))
      .abs()
      .amax()
      .itemSync(),
  ).toBeLessThan(0.01);
  expect(
    inner(resample(wave(6000, 16000, 1000), 16000, 8000))
      .abs()
      .amax()
      .itemSync(),
  ).toBeLessThan(0.01);
});

describe("noise", () => {
  it("is added at the ratio that is asked for", () => {
    const [x, n] = [normal([2, 500], 1), normal([2, 500], 2).mul(7)];
    const snr = tensor([10, -3], { dtype: "f64" });
    const added = addNoise(x, n, snr).sub(x);
    const found = x.square().sum(1).div(added.square().sum(1)).log10().mul(10).dataSync();
    for (const [i, want] of [10, -3].entries()) expect(found[i]).toBeCloseTo(want, 10);
    expect(
      addNoise(x, n, 10)
        .index(0)
        .sub(addNoise(x, n, snr).index(0))
        .abs()
        .amax()
        .itemSync(),
    ).toBeLessThan(1e-12);
    expect(() => addNoise(x, n.index(0), 10)).toThrow(ShapeError);
  });

  it("is as strong at all frequencies if it is white, and falls by 3 dB an octave if it is pink", () => {
    for (const [color, slope] of [
      ["white", 0],
      ["pink", -3.01],
    ] as const) {
      const noise = tensor(drawNoise(2 ** 14, color, new Random(1)), { shape: [2 ** 14], dtype: "f32" });
      const spectrum = new Spectrogram({ nFft: 256 }).forward(noise).mean(1); // (129)
      const octaves = [8, 16, 32, 64].map((bin) => 10 * Math.log10(spectrum.narrow(0, bin, bin).mean().itemSync()));
      for (let i = 1; i < 4; i++) expect(octaves[i] - octaves[i - 1]).toBeCloseTo(slope, -0.3);
      expect(noise.square().mean().itemSync()).toBeGreaterThan(0.5);
      expect(noise.square().mean().itemSync()).toBeLessThan(2);
    }
  });
});

it("SpecAugment hides stretches and bands, other ones of each example, while it trains", () => {
  manualSeed(3);
  const augment = new SpecAugment({ nTimeMasks: 1, timeMaskParam: 4, nFreqMasks: 1, freqMaskParam: 3, value: -1 });
  const [n, f, t] = [200, 6, 9];
  const values = augment.forward(ones([n, f, t])).arraySync() as number[][][];
  const widths = new Set<string>();
  for (const example of values) {
    const rows = example.map((row) => row.every((value) => value === -1));
    const columns = example[0].map((_, k) => example.every((row) => row[k] === -1));
    for (const [i, row] of example.entries()) {
      for (const [k, value] of row.entries()) expect(value).toBe(rows[i] || columns[k] ? -1 : 1);
    }
    for (const places of [rows, columns])
      expect(places.join("").replace(/^(false)+|(false)+$/g, "")).not.toContain("false");
    widths.add(`${rows.filter(Boolean).length} ${columns.filter(Boolean).length}`);
  }
  expect([...widths].sort().join()).toBe("0 0,0 1,0 2,0 3,1 0,1 1,1 2,1 3,2 0,2 1,2 2,2 3");
  augment.eval();
  expect(
    augment
      .forward(ones([f, t]))
      .sum()
      .itemSync(),
  ).toBe(f * t);
  expect(() => new SpecAugment({ timeMaskParam: -1 })).toThrow(ArgumentError);
  expect(() => augment.forward(ones([3]))).toThrow(ShapeError);
});
