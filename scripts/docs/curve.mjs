/**
 * Trains a recipe as `chainrule train` does and draws docs/mnist-cnn.svg: the loss of every step.
 *
 *     npm run build && node scripts/docs/curve.mjs
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadRecipe } from "../../dist/cli/load-recipe.js";
import { currentDevice } from "../../dist/index.js";
import { RunFolder, train } from "../../dist/train/index.js";

const RECIPE = "mnist-cnn";

const { recipe } = await loadRecipe(RECIPE);
const folder = mkdtempSync(join(tmpdir(), "chainrule-curve-"));
const info = {
  recipe: RECIPE,
  settings: recipe.defaults,
  device: currentDevice().name,
  created: new Date().toISOString(),
};
const run = await RunFolder.create(folder, RECIPE, info);

/** loss of each step */
const losses = [];
const epochs = [];
let before = { seen: 0, lossSum: 0 };
await train(recipe, run, {
  onStep({ seen, lossSum }) {
    if (seen < before.seen) before = { seen: 0, lossSum: 0 }; // a new epoch
    losses.push((lossSum - before.lossSum) / (seen - before.seen));
    before = { seen, lossSum };
  },
  onEpoch(result) {
    epochs.push(result);
    before = { seen: 0, lossSum: 0 };
    console.log(`epoch ${result.epoch}: test accuracy ${(100 * result.accuracy).toFixed(2)} %, ${result.seconds} s`);
  },
});
rmSync(folder, { recursive: true });

const [width, height] = [720, 300];
const [left, right, top, bottom] = [52, 16, 44, 36];
const [highest, lowest] = [4, 1e-3];
const x = (step) => left + (step / losses.length) * (width - left - right);
const y = (loss) => {
  const share = Math.log(highest / Math.max(loss, lowest)) / Math.log(highest / lowest);
  return top + share * (height - top - bottom);
};
const path = (values) => values.map((loss, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(loss).toFixed(1)}`).join("");

// A mean over the last steps, in the logarithm, since that is what the eye sees.
const smooth = [];
for (const loss of losses) {
  const log = Math.log(Math.max(loss, lowest));
  smooth.push(smooth.length === 0 ? log : smooth.at(-1) + 0.03 * (log - smooth.at(-1)));
}

const ticks = [1, 0.1, 0.01, 0.001].map(
  (loss) =>
    `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(loss)}" y2="${y(loss)}"/><text x="${left - 8}" y="${y(loss) + 4}" text-anchor="end">${loss}</text>`,
);
const ends = epochs.map(
  ({ step, accuracy, epoch }) =>
    `<line class="epoch" x1="${x(step)}" x2="${x(step)}" y1="${top}" y2="${height - bottom}"/><text x="${x(step) - 6}" y="${top + 12}" text-anchor="end">epoch ${epoch}: ${(100 * accuracy).toFixed(2)} % of the test set</text>`,
);
writeFileSync(
  new URL("../../docs/mnist-cnn.svg", import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Training loss of ${RECIPE}</title>
<style>
  text { fill: #57606a } .title { fill: #1f2328; font-size: 14px; font-weight: 600 }
  .grid { stroke: #d0d7de } .epoch { stroke: #8c959f; stroke-dasharray: 3 3 }
  .loss { fill: none; stroke: #54aeff; stroke-opacity: .45 } .smooth { fill: none; stroke: #0969da; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d } .epoch { stroke: #656c76 }
    .smooth { stroke: #58a6ff }
  }
</style>
<text class="title" x="${left}" y="20">${RECIPE}, seed ${info.settings.seed}: cross-entropy of each of ${losses.length.toLocaleString("en")} steps</text>
${ticks.join("\n")}
${ends.join("\n")}
<text x="${width - right}" y="${height - 12}" text-anchor="end">step ${losses.length.toLocaleString("en")}</text>
<path class="loss" d="${path(losses)}"/>
<path class="smooth" d="${path(smooth.map(Math.exp))}"/>
</svg>
`,
);
