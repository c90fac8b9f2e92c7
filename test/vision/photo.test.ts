import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { ArgumentError } from "../../src/core/errors.ts";
import { digitFromPhoto, type RgbaImage } from "../../src/vision/photo.ts";

const sample = (name: string) => PNG.sync.read(readFileSync(new URL(`../../samples/${name}.png`, import.meta.url)));

/** A picture from the grey of each pixel, 0 to 255. */
function paint(width: number, height: number, grey: (x: number, y: number) => number, alpha = 255): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.fill(grey(x, y), 4 * (y * width + x), 4 * (y * width + x) + 3);
  }
  for (let i = 3; i < data.length; i += 4) data[i] = alpha;
  return { width, height, data };
}

const inside = (x: number, y: number, left: number, top: number, right: number, bottom: number) =>
  x >= left && x < right && y >= top && y < bottom;

/** A thick L. */
const letter = (x: number, y: number, left: number, top: number) =>
  inside(x, y, left, top, left + 20, top + 100) || inside(x, y, left, top + 80, left + 60, top + 100);

const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

function massCentre(pixels: Float32Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    x += value * (i % 28);
    y += value * Math.floor(i / 28);
  });
  return [x / mass, y / mass];
}

/** left, top, right, bottom of the pixels that are not black */
function box(pixels: Float32Array): number[] {
  const lit = [...pixels.keys()].filter((i) => pixels[i] > 0);
  const xs = lit.map((i) => i % 28);
  const ys = lit.map((i) => Math.floor(i / 28));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

describe("digitFromPhoto", () => {
  it("leaves MNIST's own pictures nearly as they are", () => {
    for (let digit = 0; digit < 10; digit++) {
      const { width, height, data } = sample(`digit-${digit}`);
      const own = Float32Array.from({ length: 784 }, (_, i) => data[4 * i] / 255);
      const { pixels, warnings } = digitFromPhoto({ width, height, data });
      expect(warnings, `digit ${digit}`).toEqual([]);
      expect(distance(pixels, own), `digit ${digit}`).toBeLessThan(5.5); // a shift by one pixel is 6 to 9
    }
  });

  it("makes the larger side 20 pixels and puts the centre of mass at (14, 14)", () => {
    const { pixels, warnings } = digitFromPhoto(paint(300, 400, (x, y) => (letter(x, y, 40, 60) ? 30 : 220)));
    expect(warnings).toEqual([]);
    const [left, top, right, bottom] = box(pixels);
    expect([right - left + 1, bottom - top + 1]).toEqual([12, 20]); // 60×100, scaled by 0.2
    const [x, y] = massCentre(pixels);
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.max(...pixels)).toBe(1);
  });

  it("sees the same digit dark on light, light on dark, on transparent ground, anywhere and at any size", () => {
    const { pixels } = digitFromPhoto(paint(300, 400, (x, y) => (letter(x, y, 40, 60) ? 30 : 220)));
    const inverted = paint(300, 400, (x, y) => (letter(x, y, 40, 60) ? 220 : 30));
    const moved = paint(300, 400, (x, y) => (letter(x, y, 180, 250) ? 30 : 220));
    const large = paint(900, 1200, (x, y) => (letter(x / 3, y / 3, 40, 60) ? 30 : 220));
    const transparent = paint(300, 400, () => 0);
    for (let i = 0; i < 300 * 400; i++)
      transparent.data[4 * i + 3] = letter(i % 300, Math.floor(i / 300), 40, 60) ? 255 : 0;
    for (const image of [inverted, moved, large, transparent]) {
      expect(distance(digitFromPhoto(image).pixels, pixels)).toBeLessThan(1.2);
    }
  });

  it("removes uneven light, grain, specks and what reaches in from the edge", () => {
    const { pixels } = digitFromPhoto(paint(300, 400, (x, y) => (letter(x, y, 100, 120) ? 30 : 220)));
    const dirty = paint(300, 400, (x, y) => {
      if (letter(x, y, 100, 120)) return 40;
      if (inside(x, y, 30, 300, 33, 303) || y > 390) return 60; // a speck; the table
      return 240 - x / 4 - y / 8 + ((x * 31 + y * 17) % 7);
    });
    const cleaned = digitFromPhoto(dirty);
    expect(cleaned.warnings).toEqual([]);
    expect(distance(cleaned.pixels, pixels)).toBeLessThan(1.2);
  });

  it("reads the drawing that comes with the package", () => {
    const { pixels, warnings } = digitFromPhoto(sample("drawing"));
    expect(warnings).toEqual([]);
    const [, top, , bottom] = box(pixels);
    expect(bottom - top + 1).toBe(20);
  });

  it("warns of nothing, of faint, of thin, of fat, of several and of cut off", () => {
    const warningsOf = (grey: (x: number, y: number) => number) =>
      digitFromPhoto(paint(200, 200, grey)).warnings.join();
    expect(warningsOf((x) => 200 - x / 10)).toMatch(/^Nothing was found/);
    expect(warningsOf((x, y) => (letter(x, y, 60, 50) ? 170 : 220))).toMatch(/^Low contrast: .* by 20 % only/);
    expect(warningsOf((x, y) => (inside(x, y, 100, 50, 102, 150) ? 0 : 255))).toMatch(
      /^The strokes are thinner .* cover 3 %/,
    );
    expect(warningsOf((x, y) => (inside(x, y, 50, 50, 150, 150) ? 0 : 255))).toMatch(
      /^The strokes are thicker .* cover 51 %/,
    );
    expect(warningsOf((x, y) => (letter(x, y, 20, 50) || letter(x, y, 120, 50) ? 0 : 255))).toMatch(
      /^There are 2 separate marks/,
    );
    expect(warningsOf((x, y) => (letter(x, y, 60, 120) ? 0 : 255))).toMatch(/^The digit touches the edge/);
  });

  it("copes with pictures of one pixel, and refuses what is not a picture", () => {
    expect(digitFromPhoto(paint(1, 1, () => 9)).warnings).toHaveLength(1);
    expect(digitFromPhoto(paint(1, 50, (_, y) => (y === 20 ? 0 : 255))).pixels).toHaveLength(784);
    expect(() => digitFromPhoto({ width: 2, height: 2, data: new Uint8Array(15) })).toThrow(ArgumentError);
  });
});
