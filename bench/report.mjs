/** What a run has found, as text. */

/** Largest difference between two contenders' losses, relative to the largest loss. */
const TOLERANCE = 1e-4;

const toleranceOf = ({ workload }, workloads) => workloads[workload].tolerance ?? TOLERANCE;
/** Whether a contender computed something else. */
export const differs = (row, workloads) => row.difference > toleranceOf(row, workloads);

export const NAMES = {
  native: "chainrule, native",
  wasm: "chainrule, wasm",
  torch: "PyTorch",
  jax: "JAX",
  tfjs: "tfjs-wasm",
  "jax-js": "jax-js",
};

export const duration = (ms) => {
  if (ms < 1) return `${(ms * 1000).toFixed(ms < 0.1 ? 1 : 0)} µs`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
};
const percent = (x) => (x ? `${(100 * x).toFixed(x < 0.1 ? 1 : 0)} %` : "");
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`;

function columns(header, lines, left) {
  const widths = header.map((_, i) => Math.max(...[header, ...lines].map((line) => (line[i] ?? "").length)));
  for (const line of [header, ...lines]) {
    console.log(
      line
        .map((cell, i) => (i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    );
  }
}

export function printTable({ cpu, cores, cache, node, commit, load, probe, wasmPeak, workloads, rows, quick }) {
  console.log(`\n${cpu}, ${cores} cores, cache ${megabytes(cache)}, load ${load.toFixed(2)}, Node ${node}, ${commit}`);
  if (probe) {
    const figures = Object.entries(probe.best).map(([what, value]) => {
      const [mix, threads] = what.split(" ");
      return `${mix} ${threads}t ${value.toFixed(0)} ${mix === "fma" ? "GFLOP/s" : "GB/s"}`;
    });
    console.log(`probes (${probe.compiler}; sums spilled: ${probe.spills}): ${figures.join(", ")}`);
  }
  console.log(`a wasm f32x4 tile, 1 thread: ${wasmPeak.toFixed(0)} GFLOP/s`);
  if (quick) console.log("A quick run: it shows that everything works, not how fast it is.");

  const header = ["", "threads", "a step", "best", "GFLOP/s", "of peak", "of bandwidth", "of floor", "memory"];
  for (const [name, { title }] of Object.entries(workloads)) {
    const own = rows.filter((row) => row.workload === name);
    const peers = Object.keys(NAMES).filter((peer) => own.some((row) => row.ratios?.[peer]));
    console.log(`\n${name}: ${title}`);
    const lines = own
      .filter((row) => row.ms)
      .map((row) => [
        NAMES[row.name],
        String(row.threads),
        duration(row.ms),
        duration(row.best),
        row.gflops ? row.gflops.toFixed(row.gflops < 10 ? 2 : 0) : "",
        percent(row.peakShare),
        percent(row.bandwidthShare),
        percent(row.floorShare),
        megabytes(row.memory),
        ...peers.map((peer) => (row.ratios?.[peer] ? `${row.ratios[peer].toFixed(2)}x` : "")),
        differs(row, workloads) ? `LOSSES DIFFER by ${row.difference.toExponential(1)}` : "",
      ]);
    columns([...header, ...peers.map((peer) => `vs ${NAMES[peer]}`), ""], lines, 1);
    for (const row of own) if (row.error) console.log(`${NAMES[row.name]}, ${row.threads} threads: ${row.error}`);
  }
  const checked = rows.filter((row) => row.difference !== undefined);
  if (checked.length === 0) return;
  const worst = checked.toSorted((a, b) => b.difference - a.difference)[0];
  console.log(
    `\nValues of the first steps differ by ${worst.difference.toExponential(1)} of the largest at most (${worst.workload}, ${NAMES[worst.name]}), where ${toleranceOf(worst, workloads)} is allowed.`,
  );
}

/** What changed since an earlier run. */
export function printComparison(before, after) {
  const keyOf = ({ workload, name, threads }) => `${workload} ${name} ${threads}`;
  const earlier = new Map(before.rows.filter((row) => row.ms).map((row) => [keyOf(row), row]));
  const lines = after.rows
    .filter((row) => row.ms && earlier.has(keyOf(row)))
    .map((row) => {
      const { ms } = earlier.get(keyOf(row));
      const ratio = `${(ms / row.ms).toFixed(2)}x`;
      return [row.workload, NAMES[row.name], String(row.threads), duration(ms), duration(row.ms), ratio];
    });
  console.log(`\nSince ${before.date} (${before.commit}, ${before.cpu}):`);
  columns(["workload", "", "threads", "before", "now", "before / now"], lines, 2);
}
