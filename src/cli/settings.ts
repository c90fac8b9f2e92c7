import { UsageError } from "./errors.ts";

/** `defaults` with what the command line says instead; a value is read as the default's type. */
export function overrideSettings<S extends object>(
  defaults: S,
  overrides: ReadonlyMap<string, string>,
  wrong: (settings: S) => string | undefined,
): S {
  const settings = { ...defaults } as Record<string, unknown>;
  for (const [key, text] of overrides) {
    if (!Object.hasOwn(settings, key)) {
      throw new UsageError(`there is no setting "${key}"; there are ${Object.keys(defaults).join(", ")}.`);
    }
    settings[key] = parseAs(typeof settings[key], key, text);
  }
  const mistake = wrong(settings as S);
  if (mistake) throw new UsageError(`${mistake}.`);
  return settings as S;
}

/** A value as the command line spells it, of the type that is wanted. */
export function parseAs(type: string, key: string, text: string): number | boolean | string {
  if (type === "number") {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value)) throw new UsageError(`${key} must be a number, but got "${text}".`);
    return value;
  }
  if (type === "boolean") {
    if (text !== "true" && text !== "false") throw new UsageError(`${key} must be true or false, but got "${text}".`);
    return text === "true";
  }
  return text;
}

/** `--set key=value`, once or more. */
export function collectSetting(text: string, before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--set takes key=value, but got "${text}".`);
  return new Map(before).set(text.slice(0, at), text.slice(at + 1));
}
