import { DeviceError } from "../../src/core/errors.ts";
import { type NativeDevice, nativeDevice } from "../../src/runtime/native.ts";

let made: NativeDevice | DeviceError | undefined;

/** The native device, or why there is none here: then its tests are skipped. */
export function tryNative(): NativeDevice | DeviceError {
  if (made) return made;
  try {
    made = nativeDevice({ threads: 1 });
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    made = error;
  }
  return made;
}

/** What the native device lacks, if it does. */
export const missing: string | undefined = ((device) => (device instanceof DeviceError ? device.message : undefined))(
  tryNative(),
);
if (missing) console.warn(`skipped what needs the native device. ${missing}`);

export const native = (): NativeDevice => {
  const device = tryNative();
  if (device instanceof DeviceError) throw device;
  return device;
};

let threadsInUse = 1;

/** Threads are the process's: all programs run on that many from now on. */
export function useThreads(threads: number): void {
  if (threads !== threadsInUse) nativeDevice({ threads });
  threadsInUse = threads;
}
