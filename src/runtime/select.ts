/** Which device runs the programs: chosen before the first one, and kept, since results differ in bits between devices. */

import { ArgumentError, DeviceError } from "../core/errors.ts";
import type { Device } from "./device.ts";
import { env } from "./env.ts";
import { interpDevice } from "./interp.ts";
import { wasmDevice } from "./wasm.ts";

// Best first: what `auto` takes.
const DEVICES: Readonly<Record<string, () => Device>> = { wasm: wasmDevice, interp: interpDevice };

let wanted = env("DEVICE") ?? "auto";
let chosen: Device | undefined;

/** The names that `setDevice` takes, best first. */
export function devices(): string[] {
  return Object.keys(DEVICES);
}

/** The device in use; chosen now if no tensor was computed before. */
export function currentDevice(): Device {
  chosen ??= make(wanted);
  return chosen;
}

/**
 * Chooses the device for everything that follows: a name from `devices()`, or `"auto"` for the best one here.
 *
 * Throws an ArgumentError for an unknown name and a DeviceError once something has been computed on another device.
 */
export function setDevice(name: string): void {
  if (name !== "auto" && !(name in DEVICES)) {
    throw new ArgumentError(`setDevice: there is no device "${name}"; there are ${devices().join(", ")} and auto.`);
  }
  const target = name === "auto" ? devices()[0] : name;
  if (chosen && chosen.name !== target) {
    throw new DeviceError(
      `The device is ${chosen.name} since the first tensor was computed: call setDevice("${name}") before that.`,
    );
  }
  wanted = name;
}

function make(name: string): Device {
  const factory = DEVICES[name === "auto" ? devices()[0] : name];
  if (!factory) throw new DeviceError(`CHAINRULE_DEVICE is "${name}", but there are ${devices().join(", ")} and auto.`);
  return factory();
}
