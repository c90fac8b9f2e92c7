import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readSpeechCommands } from "../../src/audio/datasets/speech-commands.ts";
import { SpeechCommands, serializeWav, speechCommands } from "../../src/audio/index.ts";
import type { ArchiveSource } from "../../src/io/unpacked.ts";
import { DataError, full } from "../../src/tensor/index.ts";
import { serve } from "../io/serve.ts";
import { tar } from "../io/tar.ts";

const place = mkdtempSync(join(tmpdir(), "chainrule-speech-"));
afterAll(() => rmSync(place, { recursive: true }));

const said = (value: number, length: number) => serializeWav({ waveform: full([1, length], value), sampleRate: 16000 });
const text = (value: string) => new TextEncoder().encode(value);
const archive = gzipSync(
  tar({
    "./validation_list.txt": text("dog/a_nohash_0.wav\n"),
    "./testing_list.txt": text("dog/b_nohash_0.wav\nzero/b_nohash_1.wav\n"),
    "./dog/a_nohash_0.wav": said(0.125, 16000),
    "./dog/b_nohash_0.wav": said(0.25, 10),
    "./dog/c_nohash_0.wav": said(0.5, 16001),
    "./zero/b_nohash_1.wav": said(0.75, 16000),
    "./_background_noise_/hum.wav": said(0, 40000),
    "../outside.wav": said(0, 1),
    "dog/../../outside.wav": said(0, 1),
  }),
);
const sourceOf = (...mirrors: string[]): ArchiveSource => ({
  title: "Speech Commands",
  folder: "speech",
  archive: "speech.tar.gz",
  sha256: createHash("sha256").update(archive).digest("hex"),
  mirrors,
  marker: "testing_list.txt",
  files: /^(\w+\/\w+\.wav|\w+\.txt)$/,
});
const good: RequestListener = (_, response) => response.end(archive);

describe("speechCommands", () => {
  it("unpacks the archive of the first mirror that serves it whole, and nothing outside of the folder", async () => {
    const root = join(place, "here");
    const altered = gzipSync(tar({ "testing_list.txt": text("") }));
    const mirrors = [
      await serve((_, response) => response.writeHead(404).end()),
      await serve((_, response) => response.end(archive.subarray(0, archive.length / 2))),
      await serve((_, response) => response.end("<html>")),
      await serve((_, response) => response.end(altered)),
      await serve(good),
    ];
    const train = await readSpeechCommands(sourceOf(...mirrors), { split: "train", root });
    expect(readdirSync(place)).toEqual(["here"]);
    expect(train.paths).toEqual(["dog/c_nohash_0.wav"]);
    const [recording, label] = train.get(0);
    expect(train).toBeInstanceOf(SpeechCommands);
    expect([recording.shape, label.itemSync(), recording.mean().itemSync()]).toEqual([[16000], 4, 0.5]);

    const test = await readSpeechCommands(sourceOf(), { split: "test", root, download: false }); // it is there now
    expect(test.length).toBe(2);
    expect(test.get(0)[0].sum().itemSync()).toBe(2.5); // ten samples, then zeros
    expect(test.get(1)[1].itemSync()).toBe(34);
    const zeros = await readSpeechCommands(sourceOf(), { split: "test", root, classes: ["zero"] });
    expect([zeros.length, zeros.get(0)[1].itemSync()]).toEqual([1, 0]);
    expect((await readSpeechCommands(sourceOf(), { split: "validation", root })).paths).toEqual(["dog/a_nohash_0.wav"]);

    writeFileSync(join(root, "dog/a_nohash_0.wav"), said(0, 16000).subarray(0, 100));
    const damaged = await readSpeechCommands(sourceOf(), { split: "validation", root });
    expect(() => damaged.get(0)).toThrow("dog/a_nohash_0.wav is truncated");
    writeFileSync(join(root, "validation_list.txt"), "../../etc/passwd\n");
    await expect(readSpeechCommands(sourceOf(), { split: "validation", root })).rejects.toThrow("name no recording");
  });

  it("says what each mirror answered, and leaves nothing", async () => {
    const cut = await serve((_, response) => response.end(archive.subarray(0, 300)));
    const root = join(place, "there");
    const asked = readSpeechCommands(sourceOf(cut, "http://127.0.0.1:1/x"), { split: "train", root });
    await expect(asked).rejects.toThrow(/could not download speech\.tar\.gz:\n {2}http.*\n {2}http.*\nCheck/);
    await expect(readSpeechCommands(sourceOf(cut), { split: "train", root, download: false })).rejects.toThrow(
      DataError,
    );
    expect(readdirSync(place)).toEqual(["here"]);
    await expect(speechCommands({ split: "test", root, download: false })).rejects.toThrow("no testing_list.txt in");
  });
});
