/** What the pages that scripts make have in common. */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One figure, rounded up: 2e-7. */
export function figure(error: number): string {
  if (error === 0) return "0";
  const exponent = Math.floor(Math.log10(error));
  const digit = Math.ceil(error / 10 ** exponent - 1e-9);
  return digit === 10 ? `1e${exponent + 1}` : `${digit}e${exponent}`;
}

/** Writes a page of the docs; with `--check` only says, by the exit code, whether it is there already. */
export function deliver(page: string, lines: readonly string[]): void {
  const file = fileURLToPath(new URL(`../../docs/${page}.md`, import.meta.url));
  const text = lines.join("\n");
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`docs/${page}.md is out of date: npx jiti scripts/docs/${page}.ts`);
    process.exitCode = 1;
  }
}
