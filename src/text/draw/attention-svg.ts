import { ShapeError } from "../../core/errors.ts";
import { showShape } from "../../core/shape.ts";
import type { Tensor } from "../../tensor/index.ts";

export interface AttentionSvgOptions {
  /** above the picture; none by default */
  title?: string;
}

const [CELL, LETTER, MARGIN, TITLE] = [22, 8, 12, 24]; // LETTER: a wide guess, since fonts differ
const MIDDLE = CELL / 2 + 4; // a line of text's foot

/**
 * A picture of which token looks at which, as SVG: a row for each query, a column for each key, a square the darker the
 * larger its weight, from white at 0 to dark blue at 1; the weight stands in the square's tooltip.
 *
 * Shapes: weights (L, S) with L tokens of queries and S of keys. Throws a ShapeError for others. It reads the weights, so
 * it is for outside of compiled functions. Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align
 * and translate, 2015, figure 3.
 *
 * ```ts
 * const svg = await attentionSvg(tensor([[0.9, 0.1], [0, 1]]), ["le", "chat"], ["the", "cat"]);
 * svg.includes("<title>chat ─► cat: 100.0 %</title>"); // true
 * ```
 */
export async function attentionSvg(
  weights: Tensor,
  queries: readonly string[],
  keys: readonly string[],
  options: AttentionSvgOptions = {},
): Promise<string> {
  const [rows, columns] = [queries.map(visible), keys.map(visible)];
  if (weights.ndim !== 2 || weights.shape[0] !== rows.length || weights.shape[1] !== columns.length) {
    throw new ShapeError(
      `attentionSvg needs weights (L, S) of ${rows.length} queries and ${columns.length} keys, but got ${showShape(weights.shape)}.`,
    );
  }
  const values = await weights.data();
  const { title } = options;
  const left = MARGIN + longest(rows) + MARGIN;
  const top = MARGIN + (title === undefined ? 0 : TITLE) + longest(columns) + MARGIN;
  const width = Math.max(left + columns.length * CELL, (title ?? "").length * LETTER + MARGIN) + MARGIN;
  const height = top + rows.length * CELL + MARGIN;
  const squares = rows.flatMap((query, i) =>
    columns.map((key, j) => {
      const weight = Number(values[i * columns.length + j]);
      const shown = `<title>${escapeXml(`${query} ─► ${key}: ${(100 * weight).toFixed(1)} %`)}</title>`;
      const place = `x="${left + j * CELL}" y="${top + i * CELL}" width="${CELL}" height="${CELL}"`;
      return `<rect ${place} fill="#123f7f" fill-opacity="${Math.min(Math.max(weight, 0), 1).toFixed(3)}">${shown}</rect>`;
    }),
  );
  const labels = [
    ...(title === undefined ? [] : [text(MARGIN, MARGIN + 12, title, `font-weight="600"`)]),
    ...rows.map((query, i) => text(left - 6, top + i * CELL + MIDDLE, query, `text-anchor="end"`)),
    ...columns.map((key, j) => {
      const [x, y] = [left + j * CELL + MIDDLE, top - 6];
      return text(x, y, key, `transform="rotate(-90 ${x} ${y})"`);
    }),
  ];
  const frame = `x="${left}" y="${top}" width="${columns.length * CELL}" height="${rows.length * CELL}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="font: 12px system-ui, sans-serif">
<rect width="${width}" height="${height}" fill="#fff"/>
<g stroke="#ddd" stroke-width="0.5">
${squares.join("\n")}
</g>
<rect ${frame} fill="none" stroke="#888"/>
<g fill="#222">
${labels.join("\n")}
</g>
</svg>
`;
}

const longest = (labels: readonly string[]): number => Math.max(0, ...labels.map(({ length }) => length)) * LETTER;

const text = (x: number, y: number, content: string, attributes: string): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escapeXml(content)}</text>`;

/** A token as one sees it: what has no sign of its own gets one, what XML does not allow becomes �. */
const visible = (token: string): string =>
  token
    .replaceAll("\n", "⏎")
    .replace(/ /g, "␣")
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "�");

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeXml = (content: string): string => content.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
