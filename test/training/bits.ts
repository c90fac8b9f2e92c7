/** Run as a process of its own: trains, and prints the losses and a digest of all state, by model. */

import { createHash } from "node:crypto";
import { compile } from "../../src/index.ts";
import { characters, pictures, residual, xor } from "./models.ts";

const [how, steps, ...names] = process.argv.slice(2);
const MODELS = { characters, pictures, residual, xor };
const trained: Record<string, unknown> = {};
for (const name of names) {
  const { step, x, y, state } = MODELS[name as keyof typeof MODELS]();
  const run = how === "compiled" ? compile(step) : step;
  const losses: number[] = [];
  for (let i = 0; i < Number(steps); i++) losses.push(await run(x, y).item());
  const digest = createHash("sha256");
  for (const bytes of await state()) digest.update(bytes);
  trained[name] = { losses, digest: digest.digest("hex") };
}
console.log(JSON.stringify(trained));
