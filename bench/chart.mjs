/** What a run has found, as a picture: the time of each contender, and the floor. */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { NAMES } from "./report.mjs";

const COLORS = {
  native: "#d6402f",
  wasm: "#f0a04b",
  torch: "#2f6fb3",
  jax: "#3aa17e",
  tfjs: "#9a7fc1",
  "jax-js": "#9c9c9c",
};

const UNITS = [
  [1000, "s"],
  [1, "ms"],
  [1e-3, "µs"],
  [0, "ns"],
];

/** A label for 1, 10, 100, … of a unit, from milliseconds; nothing for what lies between. */
function powerOfTen(ms) {
  if (!/^1(e|0*$)/.test(ms.toExponential(0))) return "";
  const [size, unit] = UNITS.find(([least]) => ms >= 0.999 * least);
  return `${Math.round(ms / (size || 1e-6))} ${unit}`;
}

/** An SVG, as text. */
export function chart({ cpu, date, commit, workloads, rows }) {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const threads = Math.max(...rows.map((row) => row.threads));
  // On the most threads; jax-js has only one.
  const shown = rows.filter((row) => row.ms && (row.threads === threads || row.name === "jax-js"));
  const names = Object.keys(NAMES).filter((name) => shown.some((row) => row.name === name));
  const label = ({ workload }) => `${workload}  ${workloads[workload].title}`;
  const floors = shown.filter((row) => row.floor && row.threads === threads);
  const order = Object.entries(workloads).map(([workload, { title }]) => `${workload}  ${title}`);

  const figure = Plot.plot({
    document,
    width: 960,
    height: 90 + 26 * order.length,
    marginLeft: 330,
    marginRight: 30,
    marginTop: 68,
    style: { background: "white", color: "#222", fontSize: "12px", fontFamily: "system-ui, sans-serif" },
    x: { type: "log", grid: true, label: null, axis: "both", tickFormat: powerOfTen },
    y: { domain: order, label: null, tickSize: 0 },
    color: { domain: names.map((name) => NAMES[name]), range: names.map((name) => COLORS[name]) },
    marks: [
      Plot.ruleY(shown, Plot.groupY({ x1: "min", x2: "max" }, { x1: "ms", x2: "ms", y: label, stroke: "#ddd" })),
      Plot.tickX(floors, { x: "floor", y: label, stroke: "#222", strokeWidth: 1.5 }),
      Plot.dot(shown, { x: "ms", y: label, fill: (row) => NAMES[row.name], r: 5, fillOpacity: 0.9 }),
    ],
  });
  return withLegend(
    figure,
    names,
    `Time of a step, ${threads} threads (jax-js: 1), log scale. ${cpu}, ${date.slice(0, 10)}, ${commit}`,
  );
}

/** The plot's own legends are HTML; a picture needs one of its own. */
function withLegend(svg, names, title) {
  const text = (x, y, content, weight) =>
    `<text x="${x}" y="${y}" text-anchor="start" font-weight="${weight}">${content}</text>`;
  let x = 20;
  const entries = [...names.map((name) => [NAMES[name], COLORS[name]]), ["floor", undefined]].map(([name, color]) => {
    const mark = color
      ? `<circle cx="${x + 5}" cy="34" r="5" fill="${color}"/>`
      : `<path d="M${x + 5} 27V41" stroke="#222" stroke-width="1.5"/>`;
    const entry = mark + text(x + 15, 38, name, 400);
    x += 40 + 6.5 * name.length;
    return entry;
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML.replace(/<\/svg>$/, `${text(20, 16, title, 600)}${entries.join("")}</svg>\n`);
}
