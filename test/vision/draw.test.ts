import { expect, test } from "vitest";
import { tensor } from "../../src/index.ts";
import { drawBoundingBoxes, drawSegmentationMasks, makeGrid, type Picture } from "../../src/vision/index.ts";

const grey = (width: number, height: number, value = 100): Picture => ({
  data: new Uint8Array(width * height).fill(value),
  width,
  height,
  channels: 1,
});

/** One character a pixel: what differs from the background's red. */
const shown = ({ data, width, height }: Picture, signs: Readonly<Record<number, string>>): string[] =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => signs[data[3 * (y * width + x)]] ?? "?").join(""),
  );

test("a label stands above its box, dark on a light colour", () => {
  const drawn = drawBoundingBoxes(grey(11, 12), tensor([[1, 8, 10, 12]]), {
    labels: ["7a"],
    colors: [[250, 250, 250]],
  });
  expect(shown(drawn, { 100: ".", 250: "o", 0: "#" })).toEqual([
    "...........",
    ".ooooooooo.",
    ".o###oo#oo.",
    ".ooo#o#o#o.",
    ".ooo#o###o.",
    ".oo#oo#o#o.",
    ".oo#oo#o#o.",
    ".ooooooooo.",
    ".ooooooooo.",
    ".o.......o.",
    ".o.......o.",
    ".ooooooooo.",
  ]);
});

test("without room above, the label is within, light on a dark colour; what has no glyph is a question mark", () => {
  const drawn = drawBoundingBoxes(grey(6, 8), tensor([[0, 0, 6, 8]]), { labels: ["ж"], colors: [[9, 0, 0]] });
  expect(shown(drawn, { 100: ".", 9: "o", 255: "#" })).toEqual([
    "oooooo",
    "o###oo",
    "ooo#oo",
    "oo#ooo",
    "oooooo",
    "oo#ooo",
    "oooooo",
    "oooooo",
  ]);
});

test("boxes reach beyond the picture, and the picture given stays as it is", () => {
  const picture = grey(4, 3);
  const drawn = drawBoundingBoxes(picture, tensor([[-5, -5, 3, 2]]), { colors: [[1, 1, 1]] });
  expect(shown(drawn, { 100: ".", 1: "o" })).toEqual(["..o.", "ooo.", "...."]);
  expect(picture.data.every((byte) => byte === 100)).toBe(true);
});

test("a map leaves class 0 and what is below as they are, and colours come again", () => {
  const map = tensor(Int32Array.from([0, 1, 2, 3, -1]), { shape: [1, 5] });
  const drawn = drawSegmentationMasks(grey(5, 1), map, {
    alpha: 1,
    colors: [
      [1, 0, 0],
      [2, 0, 0],
    ],
  });
  expect(shown(drawn, { 100: ".", 1: "a", 2: "b" })).toEqual([".aba."]);
});

test("grids of pictures, and what does not fit into one", () => {
  const grid = makeGrid([grey(2, 1, 7), grey(2, 1, 8), grey(2, 1, 9)], { nrow: 2, padding: 1 });
  expect(shown(grid, { 0: ".", 7: "7", 8: "8", 9: "9" })).toEqual([
    ".......",
    ".77.88.",
    ".......",
    ".99....",
    ".......",
  ]);
  expect(() => makeGrid([])).toThrow(/no image/);
  expect(() => makeGrid([grey(2, 1), grey(1, 1)])).toThrow(/one size.*2×1 and 1×1/);
  expect(() => makeGrid(tensor([[[1]]]))).toThrow(/\(N, C, H, W\)/);
  expect(() => makeGrid([grey(1, 1)], { nrow: 0 })).toThrow(/nrow/);
  expect(() => drawSegmentationMasks(grey(2, 2), tensor([[1]]))).toThrow(/\(K, 2, 2\)/);
  expect(() => drawBoundingBoxes(grey(2, 2), tensor([[0, 0, 1, 1]]), { labels: [] })).toThrow(/a label for each/);
});
