/**
 * Puts the newest file of bench/results, as a table, between README.md's markers; without any file, nothing stands there.
 *
 *     node scripts/docs/bench-table.mjs
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { workloads } from "../../bench/workloads.mjs";

const BEGIN = "<!-- bench -->\n";
const END = "<!-- /bench -->";
const README = new URL("../../README.md", import.meta.url);
const RESULTS = new URL("../../bench/results/", import.meta.url);

const NAMES = { chainrule: "chainrule", tfjs: "tfjs-wasm", "jax-js": "jax-js", torch: "PyTorch", jax: "JAX" };

/** The file with the latest date; names begin with it. */
function newest() {
  const names = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => name.endsWith(".json")) : [];
  return names.length === 0 ? undefined : JSON.parse(readFileSync(new URL(names.sort().at(-1), RESULTS), "utf8"));
}

/** What is measured, from the workload's own definition. */
function describe({ name, kind, n, batch, layers }) {
  if (kind === "matmul") return `${n} × ${n} matrix product`;
  const widths = layers.flatMap((layer) =>
    layer.type === "linear" ? [layer.out] : layer.type === "conv" ? [`${layer.out} ch`] : [],
  );
  return `\`${name}\`: training step, batch ${batch}, layers of ${widths.join(", ")}`;
}

const duration = (ms) => (ms < 1 ? `${(1000 * ms).toFixed(0)} µs` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`);

function table({ date, cpu, commit, rows }) {
  const measured = rows.filter((row) => row.ms && row.name in NAMES);
  // Python peers belong to no Node: they stand beside every one.
  const nodes = [...new Set(measured.map((row) => row.node).filter(Boolean))];
  const parts = nodes.map((node) => {
    const here = measured.filter((row) => row.node === node || row.node === "");
    const columns = Object.keys(NAMES).flatMap((name) =>
      [1, 2]
        .filter((threads) => here.some((row) => row.name === name && row.threads === threads))
        .map((threads) => ({ name, threads })),
    );
    const title = ({ name, threads }) => `${NAMES[name]}${threads > 1 ? `, ${threads} threads` : ""}`;
    const lines = workloads
      .filter(({ name }) => here.some((row) => row.workload === name))
      .map((workload) => {
        const cells = columns.map(({ name, threads }) => {
          const row = here.find((r) => r.workload === workload.name && r.name === name && r.threads === threads);
          if (!row) return "—";
          return name === "chainrule" ? `**${duration(row.ms)}**` : duration(row.ms);
        });
        return `| ${[describe(workload), ...cells].join(" | ")} |`;
      });
    return [
      `Node ${node}:`,
      "",
      `| | ${columns.map(title).join(" | ")} |`,
      `|---|${columns.map(() => "---:").join("|")}|`,
      ...lines,
    ].join("\n");
  });
  const source = `Milliseconds or microseconds for one step, less is better; ${cpu}, ${date.slice(0, 10)}, at ${commit}. Everyone starts from the same numbers and must arrive at the same losses. \`npm run bench\` measures again.`;
  return `${[source, ...parts].join("\n\n")}\n`;
}

const text = readFileSync(README, "utf8");
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
if (begin < 0 || end < 0) throw new Error("README.md has no <!-- bench --> … <!-- /bench --> region.");
const result = newest();
writeFileSync(README, text.slice(0, begin + BEGIN.length) + (result ? `\n${table(result)}\n` : "") + text.slice(end));
