import { DataError } from "../../core/errors.ts";

/** The object that a JSON file holds. Throws a DataError that gives `name` if there is none. */
export function jsonOf(bytes: Uint8Array, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new DataError(`${name} is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new DataError(`${name} holds no object.`);
}
