/** What a mail says. */
export interface Mail {
  /** by lower-case name, as they stand; the values of a repeated one on lines of their own */
  readonly headers: ReadonlyMap<string, string>;
  /** decoded; "" if there is none */
  readonly subject: string;
  /** all parts that are text (HTML as it stands), decoded */
  readonly body: string;
}

/**
 * A mail from its bytes. Nothing is refused: what is damaged or of an unknown kind stays as it is written.
 * Source: RFC 5322 (headers), 2045 to 2047 (parts, encodings, encoded words).
 */
export function parseMail(bytes: Uint8Array): Mail {
  const { headers, body } = split(binary(bytes));
  return { headers, subject: decodeWords(headers.get("subject") ?? ""), body: textOf(headers, body, 0) };
}

// Parts within parts: real mails have three levels.
const DEEPEST = 8;

type Headers = ReadonlyMap<string, string>;

/** Headers and body of a mail or of a part; one character a byte. */
function split(mail: string): { headers: Headers; body: string } {
  const text = mail.replaceAll("\r\n", "\n");
  const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
  const head = end < 0 ? text : text.slice(0, end);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\n[ \t]+/g, " ").split("\n")) {
    const [, name, value] = line.match(/^([\w-]+):\s*(.*)$/) ?? [];
    if (name === undefined) continue; // the envelope's "From …"
    const earlier = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), earlier === undefined ? value : `${earlier}\n${value}`);
  }
  return { headers, body: end < 0 ? "" : text.slice(end).replace(/^\n\n?/, "") };
}

function textOf(headers: Headers, body: string, depth: number): string {
  const type = headers.get("content-type") ?? "text/plain";
  const boundary = type.match(/boundary="?([^";]+)/i)?.[1];
  if (/^multipart\//i.test(type) && boundary && depth < DEEPEST) {
    const [, ...parts] = `\n${body}`.split(`\n--${boundary.trim()}`);
    const inside = parts.filter((part) => !part.startsWith("--")).map((part) => split(part.replace(/^[^\n]*\n/, "")));
    return inside
      .map((part) => textOf(part.headers, part.body, depth + 1))
      .filter(Boolean)
      .join("\n");
  }
  if (/^message\/rfc822/i.test(type) && depth < DEEPEST) {
    const inner = split(body);
    return textOf(inner.headers, inner.body, depth + 1);
  }
  if (!/^text\b/i.test(type)) return "";
  return decode(body, headers.get("content-transfer-encoding") ?? "", type.match(/charset="?([\w-]+)/i)?.[1]);
}

function decode(body: string, encoding: string, charset: string | undefined): string {
  if (/base64/i.test(encoding)) return characters(fromBase64(body) ?? body, charset);
  if (/quoted-printable/i.test(encoding)) return characters(fromQuoted(body.replaceAll(/=[ \t]*\n/g, "")), charset);
  return characters(body, charset);
}

/** "=?iso-8859-1?Q?Gr=FC=DFe?=" */
const decodeWords = (text: string): string =>
  text
    .replaceAll(/(\?=)\s+(=\?)/g, "$1$2")
    .replaceAll(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi, (whole, charset: string, kind: string, word: string) => {
      const plain = /b/i.test(kind) ? fromBase64(word) : fromQuoted(word.replaceAll("_", " "));
      return plain === undefined ? whole : characters(plain, charset);
    });

const fromQuoted = (text: string): string =>
  text.replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function fromBase64(text: string): string | undefined {
  try {
    return atob(text.replaceAll(/[^A-Za-z0-9+/]/g, ""));
  } catch {
    return undefined;
  }
}

/** A string of bytes in the character set that is named; Western European if there is none of that name. */
function characters(text: string, charset = "windows-1252"): string {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** One character a byte. */
function binary(bytes: Uint8Array): string {
  const chunks: string[] = [];
  const STEP = 8192; // arguments of one call
  for (let at = 0; at < bytes.length; at += STEP) {
    chunks.push(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + STEP)));
  }
  return chunks.join("");
}
