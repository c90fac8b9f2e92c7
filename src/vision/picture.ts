/** A picture in memory: row-major interleaved (H, W, C) bytes. */
export interface Picture {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 3;
}
