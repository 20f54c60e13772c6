// A page that sends its reader nowhere is worse than none: every relative link leads to a file or folder of the repository.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));

function pages(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pages(path) : entry.name.endsWith(".md") ? [path] : [];
  });
}

/** Targets of `[text](target)`, without addresses of the web, anchors and code. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, "utf8").replace(/^ *```[\s\S]*?^ *```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => (target ?? "").replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

describe("the documentation", () => {
  const all = [join(repository, "README.md"), join(repository, "lab", "README.md"), ...pages(join(repository, "docs"))];

  for (const page of all) {
    it(`links only to what is there: ${relative(repository, page)}`, () => {
      const dead = linksOf(page).filter((target) => !existsSync(join(dirname(page), target)));
      assert.deepEqual(dead, []);
    });
  }

  it("is reached from the README: every guide is linked from it or from a page it links to", () => {
    const seen = new Set<string>();
    const queue = [join(repository, "README.md")];
    for (let page = queue.pop(); page !== undefined; page = queue.pop()) {
      if (seen.has(page) || !page.endsWith(".md") || !existsSync(page)) continue;
      seen.add(page);
      for (const target of linksOf(page)) queue.push(join(dirname(page), target));
    }
    const guides = pages(join(repository, "docs", "guides"));
    assert.deepEqual(
      guides.filter((guide) => !seen.has(guide)).map((guide) => relative(repository, guide)),
      [],
    );
  });
});
