/** Which device runs the programs: chosen before the first one, and kept, since results differ in bits between devices. */

import { ArgumentError, DeviceError } from "../core/errors.ts";
import type { Device } from "./device.ts";
import { env } from "./env.ts";
import { debug } from "./host.ts";
import { interpDevice } from "./interp.ts";
import { nativeDevice } from "./native.ts";
import { wasmDevice } from "./wasm.ts";

// Best first: what `auto` takes.
const DEVICES: Readonly<Record<string, () => Device>> = {
  native: nativeDevice,
  wasm: wasmDevice,
  interp: interpDevice,
};

let wanted = env("DEVICE") ?? "auto";
let chosen: Device | undefined;

/** The names that `setDevice` takes, best first. */
export function devices(): string[] {
  return Object.keys(DEVICES);
}

const made = new Map<string, Device | DeviceError>();

/** A device, or why it cannot run here. */
function tryDevice(name: string): Device | DeviceError {
  let found = made.get(name);
  if (found) return found;
  try {
    found = DEVICES[name]();
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    found = error;
  }
  made.set(name, found);
  return found;
}

const runs = (name: string): boolean => !(tryDevice(name) instanceof DeviceError);

/** What `auto` takes: the interpreter runs everywhere. */
const best = (): string => devices().find(runs)!;

/** The device in use; chosen now if no tensor was computed before. Throws a DeviceError if it cannot run here. */
export function currentDevice(): Device {
  if (chosen) return chosen;
  if (wanted !== "auto" && !(wanted in DEVICES))
    throw new DeviceError(`CHAINRULE_DEVICE is "${wanted}", but there are ${devices().join(", ")} and auto.`);
  const device = tryDevice(wanted === "auto" ? best() : wanted);
  if (device instanceof DeviceError) throw device;
  // (Who asks for another device does not wait for a C compiler.)
  const native = wanted === "auto" ? tryDevice("native") : device;
  if (native instanceof DeviceError && typeof process !== "undefined")
    debug(`chainrule: ${native.message} It computes on ${device.name} instead, at a fraction of the speed.`);
  chosen = device;
  return device;
}

/** What is known of a device. */
export interface DeviceInfo {
  readonly name: string;
  /** whether it can run here */
  readonly available: boolean;
  /** one sentence: what it is, or why it cannot run here */
  readonly description: string;
}

/** All devices, the best first, and which of them `auto` takes, and why. */
export interface DeviceReport {
  readonly devices: readonly DeviceInfo[];
  readonly auto: string;
  readonly reason: string;
}

/**
 * Says of every device what it is and whether it can run here. Chooses none.
 *
 * ```ts
 * describeDevices().devices.map(({ name }) => name); // ["native", "wasm", "interp"]
 * ```
 */
export function describeDevices(): DeviceReport {
  const infos = devices().map((name): DeviceInfo => {
    const device = tryDevice(name);
    if (device instanceof DeviceError) return { name, available: false, description: device.message };
    return { name, available: true, description: device.description };
  });
  const auto = best();
  const better = devices().slice(0, devices().indexOf(auto));
  const reason =
    better.length === 0
      ? "it is the fastest one"
      : `it is the fastest one left: ${better.join(" and ")} cannot run here`;
  return { devices: infos, auto, reason };
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
  if (chosen && chosen.name !== (name === "auto" ? best() : name)) {
    throw new DeviceError(
      `The device is ${chosen.name} since the first tensor was computed: call setDevice("${name}") before that.`,
    );
  }
  wanted = name;
}
