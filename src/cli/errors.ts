import { inspect } from "node:util";
import { CommanderError } from "commander";
import { ChainruleError } from "../core/errors.ts";
import { err } from "./colors.ts";

/** The command was not called as it can be: exit code 2. */
export class UsageError extends Error {}

/** Prints `error[E_CODE] message` (with CHAINRULE_DEBUG stacks and causes too) and gives the exit code. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${err.red(`error[${code}]`)} ${message}\n`);
  if (process.env.CHAINRULE_DEBUG) process.stderr.write(`${inspect(error)}\n`);
  else if (code === UNEXPECTED) process.stderr.write("CHAINRULE_DEBUG=1 shows where.\n");
  return error instanceof UsageError ? 2 : 1;
}

// Nobody threw it on purpose: a mistake in a recipe, or in chainrule.
const UNEXPECTED = "E_UNEXPECTED";

function codeOf(error: unknown): string {
  if (error instanceof ChainruleError) return error.code;
  if (error instanceof UsageError) return "E_USAGE";
  const code = (error as NodeJS.ErrnoException | undefined)?.code; // the operating system's: ENOENT, EACCES
  return typeof code === "string" ? code : UNEXPECTED;
}
