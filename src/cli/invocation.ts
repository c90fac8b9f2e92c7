import { basename, relative } from "node:path";

/** How this command was called, so that the commands we print can be pasted: `chainrule`, `npx chainrule`, `node dist/cli/main.js`. */
export function invocation(): string {
  const script = process.argv[1] ?? "chainrule";
  if (!/^main\.[jt]s$/.test(basename(script)))
    return process.env.npm_command === "exec" ? "npx chainrule" : "chainrule";
  return `node ${quote(shorter(script))}`;
}

/** A command line of ours. */
export const commandLine = (...words: string[]): string => [invocation(), ...words.map(quote)].join(" ");

/** `path` from the current folder, where that is shorter. */
export function shorter(path: string): string {
  const local = relative(process.cwd(), path);
  return local.length < path.length && local !== "" ? local : path;
}

const quote = (word: string): string => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
