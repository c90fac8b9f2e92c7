/** Run as a process of its own: trains, and prints the losses and a digest of all state. */

import { createHash } from "node:crypto";
import { compile } from "../../src/index.ts";
import { pictures } from "./models.ts";

const [how, steps] = process.argv.slice(2);
const { step, x, y, state } = pictures();
const run = how === "compiled" ? compile(step) : step;
const losses: number[] = [];
for (let i = 0; i < Number(steps); i++) losses.push(await run(x, y).item());
const digest = createHash("sha256");
for (const bytes of await state()) digest.update(bytes);
console.log(JSON.stringify({ losses, digest: digest.digest("hex") }));
