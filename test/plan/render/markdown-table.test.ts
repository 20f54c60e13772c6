import assert from "node:assert/strict";
import {
  codeBlock,
  formatSpeed,
  generatedDocument,
  markdownTable,
  section,
} from "../../../plan/render/markdown-table.ts";

describe("markdownTable", () => {
  it("has columns as wide as their widest cell", () => {
    assert.equal(
      markdownTable(
        ["a", "long name"],
        [
          ["value", 1],
          [undefined, "x"],
        ],
      ),
      "| a     | long name |\n| ----- | --------- |\n| value | 1         |\n|       | x         |",
    );
  });

  it("keeps a pipe in a cell from ending it", () => assert.match(markdownTable(["a"], [["x|y"]]), /x\\\|y/));
  it("says so when there is nothing", () => assert.equal(markdownTable(["a"], []), "None."));
});

describe("documents", () => {
  it("say what they are generated from", () => {
    const text = generatedDocument("Title", "source.yaml", section("One", codeBlock("text", "line\n")));
    assert.equal(
      text,
      "# Title\n\n<!-- Generated from source.yaml by `npm run docs`; change that instead. -->\n\n## One\n\n```text\nline\n```\n",
    );
  });

  it("speak of speeds as people do", () => {
    assert.deepEqual([100, 1000, 2500, 25_000].map(formatSpeed), ["100 Mbit/s", "1 Gbit/s", "2.5 Gbit/s", "25 Gbit/s"]);
  });
});
