import type { Picture } from "../picture.ts";
import { encodePng } from "../picture.ts";

/** One picture of a page. */
export interface Exhibit {
  readonly picture: Picture;
  /** what it shows, for those who do not see it too */
  readonly caption: string;
}

/** Some pictures of a page under a heading. */
export interface Gallery {
  readonly heading: string;
  readonly exhibits: readonly Exhibit[];
}

/**
 * An HTML page that has its pictures within, so that it is one file: galleries of pictures with captions, in light and
 * dark, small pictures enlarged without smoothing.
 *
 * Needs the package pngjs; throws a DataError without it.
 *
 * ```ts
 * const picture = { data: new Uint8Array([0, 255]), width: 2, height: 1, channels: 1 } as const;
 * const html = await picturePage("Digits", [{ heading: "One", exhibits: [{ picture, caption: "two pixels" }] }]);
 * html.includes("<figcaption>two pixels</figcaption>"); // true
 * ```
 */
export async function picturePage(title: string, galleries: readonly Gallery[]): Promise<string> {
  const sections = await Promise.all(
    galleries.map(async ({ heading, exhibits }) => {
      const figures = await Promise.all(exhibits.map(figure));
      return `<section><h2>${escapeHtml(heading)}</h2>\n<div>${figures.join("\n")}</div></section>`;
    }),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
section > div { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; } figcaption { max-width: 14rem; }
img { display: block; image-rendering: pixelated; max-width: 100%; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${sections.join("\n")}
</body>
</html>
`;
}

// Pixels on the screen that a small picture is enlarged to.
const SIDE = 224;

async function figure({ picture, caption }: Exhibit): Promise<string> {
  const png = Buffer.from(await encodePng(picture)).toString("base64");
  const zoom = Math.max(1, Math.floor(SIDE / Math.max(picture.width, picture.height)));
  const [width, height] = [zoom * picture.width, zoom * picture.height];
  return `<figure><img src="data:image/png;base64,${png}" width="${width}" height="${height}" alt="${escapeHtml(caption)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]);
