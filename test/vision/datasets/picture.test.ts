import { crc32, deflateSync } from "node:zlib";
import { encode } from "jpeg-js";
import { describe, expect, it } from "vitest";
import { ArgumentError, DataError } from "../../../src/core/errors.ts";
import { decodePicture, encodePng } from "../../../src/vision/index.ts";

interface Header {
  width: number;
  height: number;
  depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha */
  type: number;
  interlaced?: boolean;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

/** A PNG file of rows that begin with their filter's number. */
function png({ width, height, depth, type, interlaced = false }: Header, rows: number[], ...more: Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, depth, type, 0, 0, Number(interlaced)]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    ...more,
    chunk("IDAT", deflateSync(Buffer.from(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const pixels = async (file: Uint8Array) => {
  const { data, channels } = await decodePicture(file);
  return [channels, ...data];
};

// 16×8 pixels, the left half (200, 40, 40), the right half (40, 60, 200), written by libjpeg.
const GREY =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAIABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABgf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AIoHv//Z";
const PROGRESSIVE =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAIABADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAUG/8QAFQEBAQAAAAAAAAAAAAAAAAAABQb/2gAMAwEAAhADEAAAAcTHHqf/xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAEFAj//xAAYEQACAwAAAAAAAAAAAAAAAAAABkOCwv/aAAgBAwEBPwFugtk//8QAGBEAAgMAAAAAAAAAAAAAAAAAAAZDgsL/2gAIAQIBAT8BUp66P//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEABj8CP//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hP//aAAwDAQACAAMAAAAQ/wD/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAEDAQE/EAf/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oACAECAQE/EEf/xAAUEAEAAAAAAAAAAAAAAAAAAAAQ/9oACAEBAAE/ED//2Q==";
const CMYK =
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EABcAAAMBAAAAAAAAAAAAAAAAAAAICQb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AHAIoRRVNFRtlqw//9k=";

describe("decodePicture", () => {
  it("reads PNG of every kind, transparent pixels on white", async () => {
    const two = { width: 2, height: 1 };
    expect(await pixels(png({ ...two, depth: 8, type: 0 }, [0, 7, 200]))).toEqual([1, 7, 200]);
    expect(await pixels(png({ ...two, depth: 1, type: 0 }, [0, 0b01000000]))).toEqual([1, 0, 255]);
    expect(await pixels(png({ ...two, depth: 16, type: 0 }, [0, 0x80, 0x80, 0xff, 0xff]))).toEqual([1, 128, 255]);
    expect(await pixels(png({ ...two, depth: 8, type: 2 }, [0, 1, 2, 3, 4, 5, 6]))).toEqual([3, 1, 2, 3, 4, 5, 6]);
    expect(await pixels(png({ ...two, depth: 8, type: 4 }, [0, 100, 255, 100, 51]))).toEqual([1, 100, 224]);
    const rgba = png({ ...two, depth: 8, type: 6 }, [0, 10, 20, 30, 0, 10, 20, 30, 255]);
    expect(await pixels(rgba)).toEqual([3, 255, 255, 255, 10, 20, 30]);
    const palette = chunk("PLTE", Buffer.from([9, 8, 7, 60, 50, 40]));
    const transparent = chunk("tRNS", Buffer.from([0]));
    const indexed = png({ ...two, depth: 4, type: 3 }, [0, 0x10], palette, transparent);
    expect(await pixels(indexed)).toEqual([3, 60, 50, 40, 255, 255, 255]);
  });

  it("reads interlaced PNG, and stops where one inflates beyond its size", async () => {
    const header = { width: 2, height: 2, depth: 8, type: 0, interlaced: true };
    // Adam7: pixel (0, 0) in pass 1, (1, 0) in pass 6, the second row in pass 7.
    expect(await pixels(png(header, [0, 1, 0, 2, 0, 3, 4]))).toEqual([1, 1, 2, 3, 4]);
    const bomb = png(header, new Array(100_000).fill(0));
    await expect(decodePicture(bomb, "bomb.png")).rejects.toThrow("bomb.png is damaged: Cannot create a Buffer larger");
  });

  it("reads JPEG: grey, progressive, CMYK", async () => {
    const at = async (base64: string) => {
      const { data, width, height, channels } = await decodePicture(Buffer.from(base64, "base64"));
      expect([width, height]).toEqual([16, 8]);
      return [2, 13].map((x) => [...data.subarray(channels * (64 + x), channels * (64 + x + 1))]);
    };
    expect(await at(GREY)).toEqual([[88], [70]]); // the luma
    for (const file of [PROGRESSIVE, CMYK]) {
      const difference = (await at(file)).flat().map((value, i) => Math.abs(value - [200, 40, 40, 40, 60, 200][i]));
      expect(Math.max(...difference)).toBeLessThanOrEqual(4);
    }
  });

  it("turns JPEG upright as Exif says", async () => {
    const [width, height] = [16, 16];
    const data = new Uint8Array(width * height * 4).fill(255);
    for (let i = 0; i < 256; i++)
      data.fill(40 + 50 * (Math.floor(i / 128) * 2 + (Math.floor(i / 8) % 2)), 4 * i, 4 * i + 3);
    const jpeg = encode({ width, height, data }, 95).data;
    const turned = async (orientation: number) => {
      const exif = `ffe100224578696600004d4d002a0000000800010112000300000001000${orientation}000000000000`;
      const file = Buffer.concat([jpeg.subarray(0, 2), Buffer.from(exif, "hex"), jpeg.subarray(2)]);
      const picture = await decodePicture(file);
      const quarters = [4 * 16 + 4, 4 * 16 + 12, 12 * 16 + 4, 12 * 16 + 12];
      return quarters.map((pixel) => "abcd"[Math.round((picture.data[3 * pixel] - 40) / 50)]).join("");
    };
    expect(await Promise.all([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(turned))).toEqual(
      ["abcd", "abcd", "badc", "dcba", "cdab", "acbd", "cadb", "dbca", "bdac", "abcd"], // as Exif 2.32 draws them
    );
  });

  it("refuses, by name, what is damaged, cut off anywhere, too large or no picture", async () => {
    const file = png({ width: 4, height: 2, depth: 8, type: 0 }, [0, 1, 2, 3, 4, 0, 5, 6, 7, 8]);
    for (const whole of [file, Buffer.from(PROGRESSIVE, "base64")]) {
      for (let length = 0; length < whole.length; length += 7) {
        const error = await decodePicture(whole.subarray(0, length), "cut").catch((e: unknown) => e);
        expect(error, `${length} of ${whole.length} bytes`).toBeInstanceOf(DataError);
        expect((error as Error).message).toMatch(/^cut is /);
      }
    }
    const flipped = Buffer.from(file);
    flipped[45] ^= 1;
    await expect(decodePicture(flipped, "flipped.png")).rejects.toThrow("flipped.png is damaged: ");
    const again = Buffer.concat([file.subarray(0, 33), file.subarray(8)]);
    await expect(decodePicture(again, "again.png")).rejects.toThrow("it does not begin with its only header");
    const huge = png({ width: 60_000, height: 60_000, depth: 8, type: 6 }, [0]);
    await expect(decodePicture(huge, "huge.png")).rejects.toThrow("it says that it has 60000×60000 pixels");
    const wide = Buffer.from(GREY, "base64");
    const frame = wide.indexOf(Buffer.from("ffc0", "hex"));
    wide.writeUInt32BE(0xfffffff0, frame + 5);
    await expect(decodePicture(wide, "wide.jpg")).rejects.toThrow("it says that it has 65520×65535 pixels");
    await expect(decodePicture(Buffer.from("GIF89a"), "a.gif")).rejects.toThrow("a.gif is neither a PNG nor a JPEG");
  });
});

describe("encodePng", () => {
  it("keeps every byte, grey and coloured", async () => {
    for (const channels of [1, 3] as const) {
      const picture = {
        data: Uint8Array.from({ length: 15 * channels }, (_, i) => i * 5),
        width: 5,
        height: 3,
        channels,
      };
      expect(await decodePicture(await encodePng(picture))).toEqual(picture);
    }
  });

  it("refuses bytes that do not fit", async () => {
    const picture = { data: new Uint8Array(5), width: 2, height: 1, channels: 3 } as const;
    await expect(encodePng(picture)).rejects.toThrow(ArgumentError);
  });
});
