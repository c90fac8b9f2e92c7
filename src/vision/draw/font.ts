import type { Picture } from "../picture.ts";
import { type Color, fillRectangle } from "./palette.ts";

/** Glyphs of 3×5 pixels: an octal digit a row, from the top, whose highest bit is the left pixel. */
// biome-ignore format: a table
const GLYPHS: Readonly<Record<string, number>> = {
  "0": 0o75557, "1": 0o26227, "2": 0o71747, "3": 0o71717, "4": 0o55711,
  "5": 0o74717, "6": 0o74757, "7": 0o71122, "8": 0o75757, "9": 0o75717,
  A: 0o25755, B: 0o65656, C: 0o34443, D: 0o65556, E: 0o74647, F: 0o74644, G: 0o34553, H: 0o55755, I: 0o72227,
  J: 0o11152, K: 0o55655, L: 0o44447, M: 0o57755, N: 0o65555, O: 0o25552, P: 0o65644, Q: 0o25573, R: 0o65655,
  S: 0o34216, T: 0o72222, U: 0o55557, V: 0o55552, W: 0o55775, X: 0o55255, Y: 0o55222, Z: 0o71247,
  " ": 0, ".": 0o00002, ",": 0o00024, ":": 0o02020, "-": 0o00700, "_": 0o00007, "+": 0o02720, "/": 0o11244,
  "%": 0o51245, "(": 0o12221, ")": 0o42224, "?": 0o71202,
};

/** The size in pixels of a text with a margin of one dot around, where a dot has `size` pixels each way. */
export const textSize = (text: string, size: number): readonly [width: number, height: number] => [
  (4 * text.length + 1) * size,
  7 * size,
];

/** Writes a text, in capitals, on a background whose upper left pixel is at x y; what has no glyph becomes a question mark. */
export function drawText(picture: Picture, text: string, x: number, y: number, size: number, background: Color): void {
  const [width, height] = textSize(text, size);
  fillRectangle(picture, x, y, x + width, y + height, background);
  const [red, green, blue] = background;
  const ink: Color = 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? [0, 0, 0] : [255, 255, 255]; // ITU-R BT.601
  for (const [place, character] of [...text.toUpperCase()].entries()) {
    const glyph = GLYPHS[character] ?? GLYPHS["?"];
    for (let dot = 0; dot < 15; dot++) {
      if (((glyph >> (14 - dot)) & 1) === 0) continue;
      const left = x + (4 * place + 1 + (dot % 3)) * size;
      const top = y + (1 + Math.floor(dot / 3)) * size;
      fillRectangle(picture, left, top, left + size, top + size, ink);
    }
  }
}
