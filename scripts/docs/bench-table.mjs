/**
 * Puts the newest run of all workloads of bench/results, as a table, between README.md's markers; without any, nothing
 * changes.
 *
 *     node scripts/docs/bench-table.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { duration, NAMES } from "../../bench/report.mjs";
import { workloadsFor } from "../../bench/workloads.mjs";

const BEGIN = "<!-- bench -->\n";
const END = "<!-- /bench -->";
const README = new URL("../../README.md", import.meta.url);
const RESULTS = new URL("../../bench/results/", import.meta.url);

/** The result with the latest date, with which names begin; a quick run's times mean nothing. */
function newest() {
  const files = readdirSync(RESULTS).filter((name) => name.endsWith(".json"));
  const results = files.sort().map((name) => JSON.parse(readFileSync(new URL(name, RESULTS), "utf8")));
  const hasAll = ({ workloads, cache }) => workloadsFor(cache).every(({ name }) => workloads?.[name]);
  return results.findLast((result) => hasAll(result) && !result.quick);
}

function table({ date, cpu, commit, node, workloads, rows }) {
  const threads = Math.max(...rows.map((row) => row.threads));
  const measured = rows.filter((row) => row.ms && (row.threads === threads || row.name === "jax-js"));
  const names = Object.keys(NAMES).filter((name) => measured.some((row) => row.name === name));
  const best = names[0];
  const lines = Object.entries(workloads).map(([workload, { title }]) => {
    const own = measured.filter((row) => row.workload === workload);
    const times = names.map((name) => {
      const row = own.find((row) => row.name === name);
      if (!row) return "—";
      return name === best ? `**${duration(row.ms)}**` : duration(row.ms);
    });
    const share = own.find((row) => row.name === best)?.floorShare;
    return `| ${[`${workload}: ${title}`, ...times, share ? `${(100 * share).toFixed(0)} %` : ""].join(" | ")} |`;
  });
  const source = `Time of a step on ${threads} threads (jax-js: 1), less is better; ${cpu}, Node ${node}, ${date.slice(0, 10)}, at ${commit}. Everyone starts from the same numbers and must arrive at the same losses. The floor is what the multiply-adds take at the processor's peak, and the bytes that must come from memory at its bandwidth, both measured in the same run. \`npm run bench\` measures again.`;
  return [
    source,
    "",
    `| | ${names.map((name) => NAMES[name]).join(" | ")} | of the floor |`,
    `|---|${names.map(() => "---:").join("|")}|---:|`,
    ...lines,
    "",
  ].join("\n");
}

const text = readFileSync(README, "utf8");
const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
if (begin < 0 || end < 0) throw new Error("README.md has no <!-- bench --> … <!-- /bench --> region.");
const result = newest();
if (result) writeFileSync(README, `${text.slice(0, begin + BEGIN.length)}\n${table(result)}\n${text.slice(end)}`);
