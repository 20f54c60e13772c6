import assert from "node:assert/strict";
import { Usb4Ring } from "../../components/usb4-ring.ts";
import { environmentSchema } from "../../config/schema.ts";
import type { RingPlan } from "../../plan/plan.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { rawEnvironment, withChanges } from "../support/configs.ts";
import { homelabRing } from "../support/homelab-ring.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const { plan } = planEnvironment(environmentSchema.parse(withChanges(rawEnvironment(), homelabRing)));
const ring = plan.ring as RingPlan;
const ssh = { user: "root", privateKey: "key" };
const build = (change: Partial<RingPlan> = {}): Promise<Recording> =>
  recordResources(() => new Usb4Ring("ring", { plan: { ...ring, ...change }, hosts: plan.hosts, ssh }));
const fabric = "proxmoxve:sdn/fabric/openfabric:Openfabric";

describe("Usb4Ring", () => {
  it("names each port's interface by its controller, with the MTU of the ring", async () => {
    const script = String((await build()).named("ring-pve-ms01-01-links").inputs["create"]);
    assert.match(
      script,
      /install_file \/etc\/systemd\/network\/00-en05\.link <<'FILE'\n\[Match\]\nPath=pci-0000:00:0d\.2\n/,
    );
    assert.match(script, /Name=en06\nMTUBytes=65520\n/);
  });

  it("brings a port's address back when its cable is plugged in again", async () => {
    const script = String((await build()).named("ring-pve-ms01-01-links").inputs["create"]);
    assert.match(script, /KERNEL=="en05\|en06", RUN\+="\/usr\/bin\/systemd-run .* \/usr\/sbin\/ifup %k"\n/);
  });

  it("looks for the cables only when every host has the driver", async () => {
    const recording = await build();
    const links = plan.hosts.map(({ name }) => `ring-${name}-links`);
    const { dependsOn } = recording.named("ring-pve-ms01-02-cables");
    for (const link of links) assert.ok(dependsOn.includes(link), link);
    assert.ok(recording.named("ring-apply-removal").dependsOn.includes("ring-pve-aimax-01-cables"));
  });

  it("routes between all members, each with its own address", async () => {
    const recording = await build();
    assert.equal(recording.named("ring-fabric").type, fabric);
    assert.equal(recording.named("ring-fabric").inputs["ipPrefix"], "10.8.49.0/24");
    const node = recording.named("ring-pve-aimax-01-node").inputs;
    assert.equal(node["ip"], "10.8.49.3");
    assert.deepEqual(node["interfaceNames"], ["en05", "en06"]);
    const applier = recording.named("ring-apply");
    for (const { host } of ring.members) assert.ok(applier.dependsOn.includes(`ring-${host}-node`));
  });

  it("tells the hosts of its end: what applies the removal goes after the fabric", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("ring-apply-removal").inputs, { onCreate: false });
    assert.ok(recording.named("ring-fabric").dependsOn.includes("ring-apply-removal"));
    assert.deepEqual(recording.named("ring-apply").inputs, { onDestroy: false });
  });

  it("refuses a member that is no host", async () => {
    const members = [...ring.members, { host: "pve-nowhere", address: "10.8.49.9" }];
    await assert.rejects(build({ members }), /ring member pve-nowhere is no host of the plan/);
  });
});
