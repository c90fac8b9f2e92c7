import { describe, expect, it } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { readTar } from "../../src/io/tar.ts";
import { tar } from "./tar.ts";

const files = {
  "folder/a.bin": Uint8Array.of(1, 2, 3),
  "b.bin": new Uint8Array(512).fill(9),
  empty: new Uint8Array(0),
};

describe("readTar", () => {
  it("gives the files by name", () => {
    const read = readTar(tar(files), "x.tar");
    expect(Object.fromEntries([...read].map(([name, bytes]) => [name, new Uint8Array(bytes)]))).toEqual(files);
  });

  it("leaves out what is no file, such as links", () => {
    const archive = tar({ link: new Uint8Array(0), real: Uint8Array.of(5) });
    archive[156] = 0x32; // a symbolic link
    archive.write(
      `${(Number.parseInt(archive.toString("latin1", 148, 154), 8) + 2).toString(8).padStart(6, "0")}`,
      148,
    );
    expect([...readTar(archive, "x.tar").keys()]).toEqual(["real"]);
  });

  it("refuses, by name, an archive that is damaged or cut off", () => {
    const archive = tar(files);
    for (let length = 0; length <= 2048; length += 256) {
      expect(() => readTar(archive.subarray(0, length), "x.tar")).toThrow(DataError);
    }
    const damaged = Buffer.from(archive);
    damaged[3] ^= 1;
    expect(() => readTar(damaged, "x.tar")).toThrow("x.tar is not a tar archive, or damaged at byte 0.");
    const huge = Buffer.from(archive);
    huge.write("77777777777\0", 124);
    expect(() => readTar(huge, "x.tar")).toThrow(DataError);
  });
});
