import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const keysOf = (rack: string, talos?: object) =>
  planOf(rack, talos === undefined ? {} : { talos }).nodes.map(({ encryption }) => encryption);

describe("secure boot and disk encryption", () => {
  it("are off unless asked for", () => {
    assert.equal(planOf("ms01").image.secureBoot, false);
    assert.deepEqual(keysOf("ms01"), [{}, {}, {}]);
  });

  it("are for all nodes, but for those that were installed without it", () => {
    const diskEncryption = { state: "tpm", ephemeral: "nodeID", openNodes: ["talos-ms01-02"] };
    const keys = { STATE: "tpm", EPHEMERAL: "nodeID" };
    assert.deepEqual(keysOf("ms01", { secureBoot: true, diskEncryption }), [keys, {}, keys]);
    assert.equal(planOf("ms01", { talos: { secureBoot: true } }).image.secureBoot, true);
  });

  it("go without a TPM in machines, too", () => {
    const keys = { EPHEMERAL: "nodeID" };
    assert.deepEqual(keysOf("homelab", { diskEncryption: { ephemeral: "nodeID" } }), [keys, keys, keys]);
  });
});
