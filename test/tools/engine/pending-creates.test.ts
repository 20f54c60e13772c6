import assert from "node:assert/strict";
import { nameOf, type StateResource, settle } from "../../../tools/engine/pending-creates.ts";

function resource(name: string, more: object = {}, type = "proxmoxve:index/vmLegacy:VmLegacy"): StateResource {
  const urn = `urn:pulumi:lab::homelab::homelab:compute:TalosVm$${type}::${name}`;
  return { urn, type, inputs: { name }, ...more };
}

const [first, second, third] = [resource("talos-01"), resource("talos-02"), resource("talos-03")];
const there = resource("talos-03", { id: "8003", outputs: { name: "talos-03", ip: "192.0.2.3" } });

describe("what a killed run was doing", () => {
  it("is taken in where it is there, forgotten where it is not, and read again where it was being changed", () => {
    const pending = [
      { type: "creating", resource: first },
      { type: "creating", resource: second },
      { type: "updating", resource: third },
    ];
    const stack = { version: 3, deployment: { resources: [there], pending_operations: pending } };
    const asked: string[] = [];
    const settled = settle(stack, ({ name }) => {
      asked.push(name);
      return name === "talos-01" ? "8001" : undefined;
    });
    const adopted = { ...first, id: "8001", outputs: { name: "talos-01" } };
    assert.deepEqual(settled, {
      stack: { version: 3, deployment: { resources: [there, adopted] } },
      toRead: [first.urn, third.urn],
    });
    assert.deepEqual(asked, ["talos-01", "talos-02"]);
  });

  it("is made again where its answer cannot be read back, but a cluster is not started twice", () => {
    const [script, kubeconfig, start] = [
      resource("introduce", {}, "command:remote:Command"),
      resource("talos-kubeconfig", {}, "talos:cluster/kubeconfig:Kubeconfig"),
      resource("talos-bootstrap", {}, "talos:machine/bootstrap:Bootstrap"),
    ];
    const pending = [script, kubeconfig, start].map((one) => ({ type: "creating", resource: one }));
    const settled = settle({ deployment: { pending_operations: pending } }, ({ name }) => name);
    assert.deepEqual(settled?.toRead, [start.urn]);
  });

  it("never stands twice in the state: a replacement under way leaves the old one", () => {
    const stack = { deployment: { resources: [there], pending_operations: [{ type: "creating", resource: third }] } };
    const settled = settle(stack, () => "9003");
    assert.deepEqual(settled?.stack.deployment.resources, [there]);
  });

  it("is nothing after a run that ended", () => {
    assert.equal(
      settle({ deployment: { resources: [there], pending_operations: [] } }, () => "1"),
      undefined,
    );
    assert.equal(
      settle({ deployment: {} }, () => "1"),
      undefined,
    );
  });

  it("has names that may hold the separator", () => assert.equal(nameOf(resource("pve-1::bond0").urn), "pve-1::bond0"));
});
