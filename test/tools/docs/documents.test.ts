import assert from "node:assert/strict";
import { allDocuments } from "../../../tools/docs/documents.ts";
import { repository } from "../../support/configs.ts";

describe("generated documents", () => {
  const documents = allDocuments(repository);
  const paths = documents.map((document) => document.path);

  it("are the same every time", () => assert.deepEqual(allDocuments(repository), documents));

  it("come once per real rack, and not for its simulated twin", () => {
    for (const page of ["network-map", "switches", "router", "failure-analysis", "acceptance"]) {
      assert.ok(paths.includes(`docs/generated/homelab/${page}.md`), page);
      assert.ok(paths.includes(`docs/generated/ms01/${page}.md`), page);
    }
    assert.deepEqual(
      paths.filter((path) => path.includes("lab/") && path.includes("-lab/")),
      [],
    );
    assert.ok(!paths.some((path) => path.startsWith("docs/generated/lab/")));
  });

  it("hold an answer file and a first boot for each Proxmox host, and none for the metal", () => {
    const installs = paths.filter((path) => path.includes("/install/"));
    assert.equal(installs.length, 6);
    assert.ok(installs.every((path) => path.startsWith("docs/generated/homelab/install/pve-")));
  });

  it("hold no secret and no value that was forgotten", () => {
    for (const { path, text } of documents) {
      assert.doesNotMatch(text, /undefined|\[object Object\]|BEGIN [A-Z ]*PRIVATE KEY|secure: v1:/, path);
      assert.ok(text.endsWith("\n"), path);
    }
  });
});
