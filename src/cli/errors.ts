import { CommanderError } from "commander";

import { ChainruleError } from "../core/errors.ts";
import { err } from "./colors.ts";

/** The command was not called as it can be: exit code 2. */
export class UsageError extends Error {}

/** Prints `error[E_CODE] message` (the stack too with CHAINRULE_DEBUG) and gives the exit code. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has printed it
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${err.red(`error[${codeOf(error)}]`)} ${message}\n`);
  if (process.env.CHAINRULE_DEBUG) process.stderr.write(`${stack}\n`);
  return error instanceof UsageError ? 2 : 1;
}

function codeOf(error: unknown): string {
  if (error instanceof ChainruleError) return error.code;
  if (error instanceof UsageError) return "E_USAGE";
  const code = (error as NodeJS.ErrnoException | undefined)?.code; // the operating system's: ENOENT, EACCES
  return typeof code === "string" ? code : "E_UNEXPECTED";
}
