// What somebody changed by hand: refresh shows it, and up puts it right again.
import assert from "node:assert/strict";
import type { RackStatus } from "../../lab/cli/rack-status.ts";
import { operatingSystem } from "../../lab/host/operating-system.ts";
import { jumpTo, simulatedNow } from "../../lab/rack/clock.ts";
import { proxmoxHosts } from "../../lab/rack/hosts.ts";
import { linksOf, putLinks } from "../../lab/rack/links.ts";
import { BuiltHomelab, operationsOn, succeeded } from "./support/built-homelab.ts";

describe("a rack that somebody changed by hand", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  /** What a person would look at. */
  async function look(): Promise<RackStatus> {
    return homelab.project.status();
  }

  it("is shown in one refresh, whatever was changed, and is as it was after the next up", async () => {
    const { project } = homelab;
    const before = await look();
    await homelab.lab("drift bond-mtu pve-ms01-01/bond0 1500");
    await homelab.lab("drift bond-member pve-ms01-02/bond0 enp2s0f0np0");
    await homelab.lab("drift vm-memory talos-k8s-02 4096");
    await homelab.lab("drift vm-stop talos-k8s-03");
    await homelab.lab("drift host-dns pve-ms01-01 9.9.9.9");
    await homelab.lab("drift ceph-pool-size kubernetes 2");
    const shown = await project.pulumi(["refresh", "--preview-only", "--diff"]);
    assert.equal(shown.code, 0, shown.output);
    for (const change of [
      /mtu *: 9000 => 1500/,
      /enp2s0f0np0/,
      /dedicated: 32768 => 4096/,
      /started: false/,
      /9\.9\.9\.9/,
      /size *: 3 => 2/,
    ])
      assert.match(shown.output, change);
    succeeded(await project.refresh());
    const run = succeeded(await project.up());
    assert.deepEqual(run.operations, [
      "update ceph-pool",
      "update pve-ms01-01-bond0-bond",
      "update pve-ms01-01-dns",
      "update pve-ms01-02-bond0-bond",
      "update talos-k8s-02-vm",
      "update talos-k8s-03-vm",
    ]);
    const after = await look();
    assert.deepEqual([after.hosts, after.vms, after.ceph], [before.hosts, before.vms, before.ceph]);
    succeeded(await project.up("--expect-no-changes"));
  });

  it("has no difference for ever when a comment or nothing at all stands where nothing was said", async () => {
    const { project } = homelab;
    await project.rack((rack) => {
      const links = linksOf(rack, "pve-ms01-01");
      for (const link of Object.values(links))
        if (link.name.startsWith("bond0")) link.comment = "storage, do not touch";
      putLinks(rack, "pve-ms01-01", links);
    });
    succeeded(await project.refresh());
    succeeded(await project.up());
    succeeded(await project.refresh());
    succeeded(await project.up("--expect-no-changes"));
  });

  it("gets back a machine that was deleted, configured anew", async () => {
    const { project } = homelab;
    await homelab.lab("drift vm-delete talos-k8s-03");
    const shown = await project.pulumi(["refresh", "--preview-only"]);
    assert.match(shown.output, /- +proxmoxve:index:VmLegacy talos-k8s-03-vm/);
    succeeded(await project.refresh());
    const run = await project.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--replace",
      "**::talos-talos-k8s-03-configuration",
    ]);
    succeeded(run);
    assert.deepEqual(operationsOn(run, "talos-k8s-03-vm"), ["create talos-k8s-03-vm"]);
    // It takes the node some minutes of the rack's time to start its pods.
    await project.rack((rack) => jumpTo(rack, simulatedNow(rack) + 600_000));
    succeeded(await project.up("--expect-no-changes"));
    const nodes = (await look()).kubernetes.flatMap((cluster) =>
      cluster.nodes.map((node) => [node.name, node.isReady]),
    );
    assert.deepEqual(
      nodes,
      ["talos-k8s-01", "talos-k8s-02", "talos-k8s-03"].map((name) => [name, true]),
    );
  });

  it("gets its management bridge back when its script is run again: a refresh does not see what scripts did", async () => {
    const { project } = homelab;
    const vlansOf = () => project.rack((rack) => linksOf(rack, "pve-ms01-01")["vmbr0"]?.vlanIds);
    const before = await vlansOf();
    await homelab.lab("drift bridge-vlan pve-ms01-01/vmbr0 28");
    assert.notDeepEqual(await vlansOf(), before);
    const run = succeeded(
      await project.pulumi(["up", "--yes", "--skip-preview", "--replace", "**::pve-ms01-01-management-interfaces"]),
    );
    assert.deepEqual(operationsOn(run, "-management-interfaces").length > 0, true);
    assert.deepEqual(operationsOn(run, "pve-ms01-02", "pve-aimax-01"), []);
    assert.deepEqual(await vlansOf(), before);
  });

  it("gets a host's package sources, time and metrics back the same way", async () => {
    const { project } = homelab;
    const host = "pve-ms01-02";
    const look = () =>
      project.rack((rack) => {
        const { services } = operatingSystem(rack, host);
        const states = ["chrony", "prometheus-node-exporter"].map((name) => [
          services[name]?.enabled,
          services[name]?.active,
        ]);
        return [
          states,
          proxmoxHosts(rack)
            .get(host)
            ?.repositories.filter(({ isEnabled }) => isEnabled),
        ];
      });
    const before = await look();
    await homelab.lab(`drift host-packages ${host}`);
    for (const service of ["chrony", "prometheus-node-exporter"])
      await homelab.lab(`drift host-service ${host} ${service}`);
    assert.notDeepEqual(await look(), before);
    const roles = ["package-sources", "ntp", "metrics"];
    const replaced = roles.flatMap((role) => ["--replace", `**::${host}-${role}`]);
    succeeded(await project.pulumi(["up", "--yes", "--skip-preview", ...replaced]));
    assert.deepEqual(await look(), before);
    succeeded(await project.up("--expect-no-changes"));
  });
});
