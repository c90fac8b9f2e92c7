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
  /** panels in a row; all of them by default */
  readonly columns?: number;
  /** of a panel */
  readonly width?: number;
  readonly height?: number;
  /** whether there is one; true by default */
  readonly legend?: boolean;
}

const MARGIN = 20;
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

/** Panels in rows under one legend, on white, so that they can be read on any page. */
export function lineChart(panels: readonly Panel[], layout: Layout = {}): string {
  const { columns = panels.length, width = 460, height = 340 } = layout;
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const names = [...new Set(panels.flatMap(({ lines }) => [...lines.keys()]))];
  const strokes = new Map(names.map((name, i) => [name, strokeOf(i)]));
  const total = MARGIN + Math.min(columns, panels.length) * (width + MARGIN);
  const { entries, height: top } = legend(layout.legend === false ? new Map() : strokes, total);
  const drawn = panels.map((panel, i) => {
    const [x, y] = [
      MARGIN + (i % columns) * (width + MARGIN),
      top + Math.floor(i / columns) * (TITLE + height) + TITLE,
    ];
    const figure = draw(panel, strokes, { document, width, height });
    figure.setAttribute("x", String(x));
    figure.setAttribute("y", String(y));
    return text(x, y - 8, panel.title, 600) + figure.outerHTML;
  });
  const bottom = top + Math.ceil(panels.length / columns) * (TITLE + height) + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${bottom}" viewBox="0 0 ${total} ${bottom}" style="font: ${FONT}">
<title>${escaped(names.join(", "))}</title>
<rect width="100%" height="100%" fill="white"/>
${[...entries, ...drawn].join("\n")}
</svg>
`;
}

function draw(
  { lines, x, y, background = [] }: Panel,
  strokes: ReadonlyMap<string, Stroke>,
  options: { document: Document; width: number; height: number },
) {
  const drawable = (value: number): boolean => Number.isFinite(value) && (y?.type !== "log" || value > 0);
  const marks = [...lines].map(([name, line]) => {
    const shown = Array.from(line.y, (value) => (drawable(value) ? value : Number.NaN));
    return Plot.line(shown, {
      x: line.x,
      y: shown,
      ...strokes.get(name),
      strokeWidth: 1.75,
      clip: x?.domain !== undefined,
    });
  });
  return Plot.plot({
    ...options,
    marginBottom: 42,
    marginLeft: 48,
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
