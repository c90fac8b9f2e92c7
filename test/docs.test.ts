/** The documents: what they show is what the library prints, their code runs, and their links lead somewhere. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { printedTexts, withTexts } from "../scripts/docs/step.ts";
import { provideExamples, ROOT, runExample } from "./examples.ts";

const DOCUMENTS = readdirSync(ROOT, { encoding: "utf8" })
  .concat(readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`))
  .filter((name) => name.endsWith(".md"));
const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");

// Sizes of code differ between engines that have a fused multiply-add and those that do not.
const withoutSizes = (text: string): string => text.replace(/^((?:module|phase \d+): .*?)\d+ bytes$/gm, "$1… bytes");

test("docs/architecture.md shows what the library prints (else: npx jiti scripts/docs/architecture.ts)", () => {
  const document = read("docs/architecture.md");
  expect(withoutSizes(document)).toBe(withoutSizes(withTexts(document, printedTexts())));
});

describe("code", () => {
  provideExamples();
  for (const document of DOCUMENTS) {
    // The blocks under one heading are one piece of code.
    const sections = read(document).split(/^(?=#{2,} )/m);
    for (const section of sections) {
      const code = [...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join("\n");
      const title = /^#+ (.*)/.exec(section)?.[1] ?? "";
      // The step of the architecture runs when its texts are printed.
      if (code && title !== "One training step") test(`${document}: ${title}`, () => runExample(code));
    }
  }
});

describe("links", () => {
  for (const document of DOCUMENTS) {
    test(document, () => {
      const broken = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link]) => link)
        .filter((link) => !/^https?:/.test(link) && !leads(document, link));
      expect(broken).toEqual([]);
    });
  }
});

describe("files", () => {
  for (const document of DOCUMENTS) {
    test(`that ${document} names exist`, () => {
      const named = [...read(document).matchAll(/`((?:src|test|scripts|docs|bench|recipes|samples)\/[\w./-]+)`/g)];
      expect(named.map(([, file]) => file).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    });
  }
});

function leads(from: string, link: string): boolean {
  const [path, anchor] = link.split("#");
  const file = path === "" ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || anchors(read(file)).includes(anchor);
}

/** The names under which GitHub finds a document's headings. */
function anchors(text: string): string[] {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, "").match(/^#+ .*$/gm) ?? [];
  return headings.map((line) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
