/** Where tests leave what they write: temporary folders are gone afterwards, and compiled programs are not among the user's. */

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export default function setup(): () => void {
  const temporary = mkdtempSync(join(tmpdir(), "chainrule-tests-"));
  chmodSync(temporary, 0o1777); // some tests become somebody else
  process.env["TMPDIR"] = temporary;
  process.env["CHAINRULE_CACHE"] ??= join(import.meta.dirname, "../node_modules/.cache/chainrule");
  return () => rmSync(temporary, { recursive: true, force: true });
}
