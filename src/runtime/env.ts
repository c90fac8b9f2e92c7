/** A `CHAINRULE_*` environment variable; undefined where there is no process (a browser) or it is not set. */
export function env(name: string): string | undefined {
  return typeof process === "undefined" ? undefined : process.env?.[`CHAINRULE_${name}`];
}

/** Whether a `CHAINRULE_*` variable is on: set, and neither empty nor 0. */
export function flag(name: string): boolean {
  const text = env(name);
  return text !== undefined && text !== "" && text !== "0";
}
