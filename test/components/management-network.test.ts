import assert from "node:assert/strict";
import { renderManagementNetwork } from "../../components/host-scripts/management-network.ts";
import { ManagementNetwork } from "../../components/management-network.ts";
import { hostPlan } from "../support/host-plan.ts";
import { recordResources } from "../support/record-resources.ts";
import { connectionTo, ssh } from "../support/ssh.ts";

const plan = hostPlan({
  bonds: [
    {
      ...{ host: "pve-a", name: "bond0", members: ["a", "b"], mode: "802.3ad", xmitHashPolicy: "layer3+4" },
      ...{ lacpRate: "fast", mtu: 9000, vlanInterfaces: [] },
    },
  ],
});

describe("ManagementNetwork", () => {
  it("writes the host's network in one command and keeps what the API makes", async () => {
    const recording = await recordResources(() => new ManagementNetwork("pve-a", { plan, ssh }));
    assert.deepEqual(
      recording.resources.map((resource) => [resource.type, resource.name, resource.parent]),
      [
        ["homelab:network:ManagementNetwork", "pve-a", undefined],
        ["command:remote:Command", "pve-a-interfaces", "pve-a"],
      ],
    );
    assert.deepEqual(recording.named("pve-a-interfaces").inputs, {
      connection: connectionTo("192.0.2.10", "ssh-ed25519 AAAA"),
      create: renderManagementNetwork({
        host: "pve-a",
        interfacesFile: plan.interfacesFile,
        interface: "vmbr0.16",
        address: "192.0.2.10",
        gateway: "192.0.2.1",
        keptInterfaces: ["bond0"],
      }),
      addPreviousOutputInEnv: false,
    });
    assert.deepEqual(recording.named("pve-a").outputs, { address: "192.0.2.10" });
  });

  it("lets one host wait for the other, so that a host that goes dark stops the rest", async () => {
    const recording = await recordResources(() => {
      const first = new ManagementNetwork("pve-a", { plan, ssh });
      const second = hostPlan({ name: "pve-b", managementAddress: "192.0.2.11" });
      new ManagementNetwork("pve-b", { plan: second, ssh }, { dependsOn: first });
    });
    const order = recording.resources.map((resource) => resource.name);
    assert.deepEqual(order, ["pve-a", "pve-a-interfaces", "pve-b", "pve-b-interfaces"]);
    assert.deepEqual(recording.named("pve-b").dependsOn, ["pve-a-interfaces"]);
  });
});
