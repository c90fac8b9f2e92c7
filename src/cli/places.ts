import { fileURLToPath } from "node:url";
import { shorter } from "./invocation.ts";

// This file is src/cli/… or dist/cli/…: two levels up is the package.
export const PACKAGE: URL = new URL("../../", import.meta.url);

/** Where runs are kept, in the current folder. */
export const RUNS = "runs";

/** A digit to try a model on. */
export const samplePicture = (): string => shorter(fileURLToPath(new URL("samples/drawing.png", PACKAGE)));
