/** Line charts as SVG files. */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

type Numbers = Float64Array | readonly number[];

export interface Line {
  readonly x: Numbers;
  /** the line is interrupted where a number is not finite, or has no logarithm on a scale that takes it */
  readonly y: Numbers;
}

export interface Panel {
  readonly title: string;
  /** by name; a name has one colour in all panels */
  readonly lines: ReadonlyMap<string, Line>;
  /** label, type ("log"), domain, … */
  readonly x?: Plot.ScaleOptions;
  readonly y?: Plot.ScaleOptions;
  /** what lies under the lines, as a surface's contours */
  readonly background?: Plot.Markish[];
}

export interface Layout {
  /** above all panels; none by default */
  readonly title?: string;
  /** panels in a row; all of them by default */
  readonly columns?: number;
  /** of a panel */
  readonly width?: number;
  readonly height?: number;
  /** whether there is one; true by default */
  readonly legend?: boolean;
}

const MARGIN = 20;
const [TITLE, LEGEND_ROW, LETTER] = [22, 20, 8]; // LETTER: a wide guess, since fonts differ
const [MARGIN_LEFT, TICK] = [48, 10];
const FONT = "12px system-ui, sans-serif";
const INK = "#222";

// Told apart on white, by the colour-blind too: Paul Tol's bright scheme with ochre and black. Then they come dashed.
const COLORS = ["#4477aa", "#ee6677", "#228833", "#bb8800", "#66ccee", "#aa3377", "#000000", "#888888"];
const DASHES = ["none", "6 3", "2 2", "8 2 2 2"];

interface Stroke {
  readonly stroke: string;
  readonly strokeDasharray: string;
}

const strokeOf = (i: number): Stroke => ({
  stroke: COLORS[i % COLORS.length],
  strokeDasharray: DASHES[Math.floor(i / COLORS.length) % DASHES.length],
});

/** Panels in rows under one legend, on white, so that they can be read on any page. */
export function lineChart(panels: readonly Panel[], layout: Layout = {}): string {
  const { columns = panels.length, width = 460, height = 340 } = layout;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const names = [...new Set(panels.flatMap(({ lines }) => [...lines.keys()]))];
  const strokes = new Map(names.map((name, i) => [name, strokeOf(i)]));
  const shown = layout.legend === false ? [] : names;
  const across = MARGIN + Math.min(columns, panels.length) * (width + MARGIN);
  const total = Math.max(across, ...shown.map((name) => MARGIN + entrySize(name)));
  const heading = layout.title === undefined ? [] : [text(MARGIN, MARGIN + 4, layout.title, 600)];
  const { entries, height: top } = legend(shown, strokes, heading.length > 0 ? MARGIN + TITLE : MARGIN, total);
  const drawn = panels.map((panel, i) => {
    const [x, y] = [
      MARGIN + (i % columns) * (width + MARGIN),
      top + Math.floor(i / columns) * (TITLE + height) + TITLE,
    ];
    const figure = draw(panel, strokes, { document, width, height });
    figure.setAttribute("x", String(x));
    figure.setAttribute("y", String(y));
    figure.setAttribute("overflow", "visible"); // a label in the middle of the last tick
    return text(x, y - 8, panel.title, 600) + figure.outerHTML;
  });
  const bottom = top + Math.ceil(panels.length / columns) * (TITLE + height) + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${bottom}" viewBox="0 0 ${total} ${bottom}" style="font: ${FONT}">
<title>${escaped(layout.title ?? names.join(", "))}</title>
<rect width="100%" height="100%" fill="white"/>
${[...heading, ...entries, ...drawn].join("\n")}
</svg>
`;
}

type Figure = SVGSVGElement | HTMLElement;

/** One panel, whose margin has room for the numbers beside it. */
function draw(
  panel: Panel,
  strokes: ReadonlyMap<string, Stroke>,
  options: { document: Document; width: number; height: number },
): Figure {
  const figure = drawWithin(MARGIN_LEFT, panel, strokes, options);
  const labels = [...figure.querySelectorAll('[aria-label="y-axis tick label"] text')];
  const margin = Math.max(...labels.map(({ textContent }) => TICK + LETTER * textContent.length));
  return margin > MARGIN_LEFT ? drawWithin(margin, panel, strokes, options) : figure;
}

function drawWithin(
  marginLeft: number,
  { lines, x, y, background = [] }: Panel,
  strokes: ReadonlyMap<string, Stroke>,
  options: { document: Document; width: number; height: number },
): Figure {
  const drawable = (value: number): boolean => Number.isFinite(value) && (y?.type !== "log" || value > 0);
  const marks = [...lines].map(([name, line]) => {
    const shown = Array.from(line.y, (value) => (drawable(value) ? value : Number.NaN));
    return Plot.line(shown, {
      x: line.x,
      y: shown,
      ...strokes.get(name),
      strokeWidth: 1.75,
      marker: shown.length === 1 ? "dot" : undefined, // a line through one point has no length
      clip: x?.domain !== undefined,
    });
  });
  return Plot.plot({
    ...options,
    marginBottom: 42,
    marginLeft,
    style: { color: INK, font: FONT },
    x: { grid: true, ...x },
    y: { grid: true, ...y },
    marks: [Plot.frame({ strokeOpacity: 0.2 }), ...background, ...marks],
  });
}

const entrySize = (name: string): number => 44 + LETTER * name.length;

/** Each line's name after a piece of it, in as many rows as they take from `top`. */
function legend(
  names: readonly string[],
  strokes: ReadonlyMap<string, Stroke>,
  top: number,
  width: number,
): { entries: string[]; height: number } {
  let [x, y] = [MARGIN, top];
  const entries = names.map((name) => {
    const { stroke, strokeDasharray } = strokes.get(name)!;
    const size = entrySize(name);
    if (x > MARGIN && x + size > width) [x, y] = [MARGIN, y + LEGEND_ROW];
    const sample = `<path d="M${x} ${y}h24" stroke="${stroke}" stroke-dasharray="${strokeDasharray}" stroke-width="2"/>`;
    const entry = sample + text(x + 30, y + 4, name, 400);
    x += size;
    return entry;
  });
  return { entries, height: y + LEGEND_ROW };
}

const text = (x: number, y: number, content: string, weight: number): string =>
  `<text x="${x}" y="${y}" fill="${INK}" font-weight="${weight}">${escaped(content)}</text>`;

const escaped = (content: string): string => content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
