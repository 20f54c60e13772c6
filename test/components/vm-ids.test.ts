import assert from "node:assert/strict";
import { renderVmIds } from "../../components/host-scripts/vm-ids.ts";
import { VmIds } from "../../components/vm-ids.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";
import { recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const host = "pve-ms01-01";
const machines = [{ id: 8001, name: "talos-k8s-01", host }];

describe("VmIds", () => {
  it("looks at all ids in one command on one host", async () => {
    const asked = { name: "pve-a", managementAddress: "192.0.2.10" };
    const recording = await recordResources(() => new VmIds("vm-ids", { machines, host: asked, ssh }));
    assert.deepEqual(
      recording.resources.map((resource) => [resource.type, resource.name, resource.parent]),
      [
        ["homelab:proxmox:VmIds", "vm-ids", undefined],
        ["command:remote:Command", "vm-ids-check", "vm-ids"],
      ],
    );
    assert.deepEqual(recording.named("vm-ids-check").inputs, {
      connection: connectionTo("192.0.2.10", "ssh-ed25519 AAAA"),
      create: renderVmIds({ host: "pve-a", machines }),
      addPreviousOutputInEnv: false,
    });
  });
});

describe("the check of virtual machines' ids, on a host", function () {
  this.timeout(20_000);
  let lab: LabRack;
  before(() => {
    lab = labRack();
  });
  after(() => lab.close());

  const vm = (vmid: number, name: string) =>
    lab.rack.collection("vm").put(String(vmid), { vmid, name, host, cores: 1, memoryMiB: 512 });
  const check = (...wanted: { id: number; name: string }[]) =>
    lab.on(host, renderVmIds({ host, machines: wanted.map((one) => ({ host, ...one })) }));

  it("takes ids that nobody has, and those of the very machines", async () => {
    vm(8002, "talos-k8s-02");
    await check(...machines, { id: 8002, name: "talos-k8s-02" });
  });

  it("names every machine that has a planned id, and what to change", async () => {
    vm(8001, "nas");
    vm(8003, "router");
    await assert.rejects(
      check(...machines, { id: 8002, name: "talos-k8s-02" }, { id: 8003, name: "talos-k8s-03" }),
      /ids are taken: 8001 on pve-ms01-01 is nas, not talos-k8s-01; 8003 on pve-ms01-01 is router, not talos-k8s-03\. Nothing was done to these; give the nodes other ids \(nodes\.<name>\.vm\.id\)/,
    );
  });

  it("names machines that are there with another id or on another host: made anew they would be empty", async () => {
    vm(8004, "talos-k8s-04");
    for (const wanted of [
      { id: 8014, name: "talos-k8s-04", host },
      { id: 8004, name: "talos-k8s-04", host: "pve-aimax-01" },
    ])
      await assert.rejects(
        lab.on(host, renderVmIds({ host, machines: [wanted] })),
        new RegExp(
          `machines are there already, .*: talos-k8s-04 has id 8004 on ${host}, not ${wanted.id} on ${wanted.host}\\. Put .* two steps`,
        ),
      );
  });
});
