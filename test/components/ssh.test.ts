import assert from "node:assert/strict";
import { createHostCommand } from "../../components/ssh.ts";
import { recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const host = { name: "pve-a", managementAddress: "192.0.2.10" };

describe("createHostCommand", () => {
  it("runs the script over the jump host, checks the host's key, and undoes nothing", async () => {
    const recording = await recordResources(() => createHostCommand("step", { ssh, host, script: "true" }, {}));
    assert.deepEqual(recording.named("step").inputs, {
      connection: connectionTo("192.0.2.10", "ssh-ed25519 AAAA"),
      create: "true",
      addPreviousOutputInEnv: false,
    });
  });

  it("goes straight to the host where there is no jump host, and trusts a host whose key nobody gave", async () => {
    const access = { user: "admin", privateKey: "k" };
    const recording = await recordResources(() => createHostCommand("step", { ssh: access, host, script: "true" }, {}));
    assert.deepEqual(recording.named("step").inputs["connection"], {
      secret: { host: "192.0.2.10", port: 22, user: "admin", privateKey: "k", dialErrorLimit: 25, perDialTimeout: 6 },
    });
  });

  it("keeps a printed secret out of the log and out of the state", async () => {
    const recording = await recordResources(() => {
      createHostCommand("open", { ssh, host, script: "true" }, {});
      createHostCommand("closed", { ssh, host, script: "true", stdin: "hello", printsSecret: true }, {});
    });
    const { inputs, secretOutputs } = recording.named("closed");
    assert.deepEqual([inputs["logging"], inputs["stdin"], secretOutputs], ["none", "hello", ["connection", "stdout"]]);
    assert.deepEqual(recording.named("open").secretOutputs, ["connection"]);
    assert.equal("logging" in recording.named("open").inputs, false);
  });
});
