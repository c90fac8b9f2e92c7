/**
 * Puts what the library prints today into docs/architecture.md.
 *
 *     npx jiti scripts/docs/architecture.ts
 */

import { readFileSync, writeFileSync } from "node:fs";
import { printedTexts, withTexts } from "./step.ts";

const file = new URL("../../docs/architecture.md", import.meta.url);
writeFileSync(file, withTexts(readFileSync(file, "utf8"), printedTexts()));
