export { writeFileAtomic } from "./atomic.ts";
export { type IdxArray, parseIdx } from "./idx.ts";
export {
  loadSafetensors,
  parseSafetensors,
  type Safetensors,
  type SafetensorsOptions,
  type StoredDType,
  saveSafetensors,
  serializeSafetensors,
} from "./safetensors.ts";
