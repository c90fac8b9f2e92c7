/** A `CHAINRULE_*` environment variable; undefined where there is no process (a browser) or it is not set. */
export function env(name: string): string | undefined {
  return typeof process === "undefined" ? undefined : process.env?.[`CHAINRULE_${name}`];
}
