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

const [WIDTH, HEIGHT, MARGIN] = [460, 340, 20];
const [TITLE, LEGEND_ROW, LETTER] = [22, 20, 7];
const FONT = "12px system-ui, sans-serif";
const INK = "#222";

// Told apart on white, by the colour-blind too: Paul Tol's bright scheme with two darker ones. Then they come dashed.
const COLORS = ["#4477aa", "#ee6677", "#228833", "#bb8800", "#66ccee", "#aa3377", "#882255", "#777777"];
const DASHES = ["none", "6 3", "2 2", "8 2 2 2"];

interface Stroke {
  readonly stroke: string;
  readonly strokeDasharray: string;
}

const strokeOf = (i: number): Stroke => ({
  stroke: COLORS[i % COLORS.length],
  strokeDasharray: DASHES[Math.floor(i / COLORS.length) % DASHES.length],
});

/** Panels side by side under one legend, on white, so that it can be read on any page. */
export function lineChart(panels: readonly Panel[]): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const names = [...new Set(panels.flatMap(({ lines }) => [...lines.keys()]))];
  const strokes = new Map(names.map((name, i) => [name, strokeOf(i)]));
  const width = MARGIN + panels.length * (WIDTH + MARGIN);
  const { entries, height: top } = legend(strokes, width);
  const drawn = panels.map((panel, i) => {
    const figure = draw(panel, strokes, document);
    figure.setAttribute("x", String(MARGIN + i * (WIDTH + MARGIN)));
    figure.setAttribute("y", String(top + TITLE));
    return text(MARGIN + i * (WIDTH + MARGIN), top + TITLE - 8, panel.title, 600) + figure.outerHTML;
  });
  const height = top + TITLE + HEIGHT + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="font: ${FONT}">
<title>${escaped(names.join(", "))}</title>
<rect width="100%" height="100%" fill="white"/>
${[...entries, ...drawn].join("\n")}
</svg>
`;
}

function draw({ lines, x, y, background = [] }: Panel, strokes: ReadonlyMap<string, Stroke>, document: Document) {
  const drawable = (value: number): boolean => Number.isFinite(value) && (y?.type !== "log" || value > 0);
  const marks = [...lines].map(([name, line]) => {
    const shown = Array.from(line.y, (value) => (drawable(value) ? value : Number.NaN));
    return Plot.line(shown, { x: line.x, y: shown, ...strokes.get(name), strokeWidth: 1.75 });
  });
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginBottom: 42,
    style: { color: INK, font: FONT },
    x: { grid: true, ...x },
    y: { grid: true, ...y },
    marks: [Plot.frame({ strokeOpacity: 0.2 }), ...background, ...marks],
  });
}

/** Each line's name after a piece of it, in as many rows as they take. */
function legend(strokes: ReadonlyMap<string, Stroke>, width: number): { entries: string[]; height: number } {
  let [x, y] = [MARGIN, MARGIN];
  const entries = [...strokes].map(([name, { stroke, strokeDasharray }]) => {
    const size = 44 + LETTER * name.length;
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
