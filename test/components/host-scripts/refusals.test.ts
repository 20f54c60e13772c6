// What the scripts refuse, on simulated hosts: they would rather stop than guess. That they work, and change nothing when run
// again, is tested with the rack (test/lab/host).
import assert from "node:assert/strict";
import { renderCephInit } from "../../../components/host-scripts/ceph-init.ts";
import { renderCephInstall } from "../../../components/host-scripts/ceph-install.ts";
import { renderClusterAdmit, renderClusterCreate } from "../../../components/host-scripts/cluster.ts";
import { renderCorosyncLinks } from "../../../components/host-scripts/corosync-links.ts";
import { renderLacpRate } from "../../../components/host-scripts/lacp-rate.ts";
import { renderManagementNetwork } from "../../../components/host-scripts/management-network.ts";
import type { BondPlan, HostPlan } from "../../../plan/plan.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

const host = "pve-aimax-01";
const address = "10.8.16.12";

describe("scripts on a host that is not as planned", function () {
  this.timeout(20_000);
  let lab: LabRack;
  before(() => {
    lab = labRack();
  });
  after(() => lab.close());

  const plan = (): HostPlan => {
    const found = lab.plan.hosts.find(({ name }) => name === host);
    assert.ok(found);
    return found;
  };
  const managementNetwork = (keptInterfaces: readonly string[] = []): string =>
    renderManagementNetwork({
      host,
      interfacesFile: plan().interfacesFile,
      interface: "vmbr0.16",
      address,
      gateway: "10.8.16.1",
      keptInterfaces,
    });

  it("leaves changes alone that somebody has written but not applied", async () => {
    await lab.on(host, "printf 'auto lo\\n' | tee /etc/network/interfaces.new >/dev/null");
    await assert.rejects(lab.on(host, managementNetwork()), /interfaces\.new holds changes that nobody has applied/);
    await lab.on(host, "rm /etc/network/interfaces.new");
  });

  it("takes a network for the wanted one in whatever order and with whatever comments it is written", async () => {
    await lab.on(host, managementNetwork());
    const shuffled = `awk 'BEGIN { RS = ""; ORS = "\\n\\n" } { stanza[NR] = $0 } END { print "# made by hand"; for (i = NR; i > 0; i--) print stanza[i] }' /etc/network/interfaces | tee /tmp/shuffled >/dev/null; cp /tmp/shuffled /etc/network/interfaces`;
    await lab.on(host, shuffled);
    const { stderr } = await lab.on(host, managementNetwork());
    assert.match(stderr, /nothing to do: vmbr0\.16 has 10\.8\.16\.12/);
  });

  it("drops stanzas of nobody's, and keeps those of the API", async () => {
    const foreign =
      "\nauto dummy7\niface dummy7 inet manual\n\nauto bond9\niface bond9 inet manual\n\tbond-slaves enp1s0f0 enp1s0f1\n\tbond-mode 802.3ad\n";
    await lab.on(host, "tee -a /etc/network/interfaces >/dev/null", foreign);
    await lab.on(host, managementNetwork(["bond9"]));
    const { stdout } = await lab.on(host, "cat /etc/network/interfaces");
    assert.doesNotMatch(stdout, /dummy7/);
    assert.match(stdout, /auto bond9\niface bond9 inet manual\n\tbond-slaves enp1s0f0 enp1s0f1\n/);
  });

  it("does not set the LACP rate of a bond that is not there", async () => {
    const [bond] = plan().bonds;
    assert.ok(bond);
    const missing: BondPlan = { ...bond, name: "bond7", lacpRate: "fast" };
    await assert.rejects(lab.on(host, renderLacpRate(missing)), /has no bond7; it is made by the API before this step/);
  });

  it("does not let a host in without its key", async () => {
    await assert.rejects(
      lab.on(host, renderClusterAdmit({ host, joining: "pve-ms01-01" }), ""),
      /pve-ms01-01 has sent no key/,
    );
  });

  it("does not take a member of another cluster for its own", async () => {
    await lab.on(host, renderClusterCreate({ host, cluster: "other", address }));
    const create = lab.on(host, renderClusterCreate({ host, cluster: "homelab", address }));
    await assert.rejects(create, /is a member of cluster other; a host leaves a cluster only by being installed anew/);
  });

  it("gives no links to a host outside the cluster", async () => {
    const members = [
      { host, links: [address, "10.8.48.12"] },
      { host: "pve-ms01-01", links: ["10.8.16.10", "10.8.48.10"] },
    ];
    await assert.rejects(
      lab.on(host, renderCorosyncLinks({ host, members })),
      /pve-ms01-01 is not in \/etc\/pve\/corosync\.conf/,
    );
  });

  it("does not upgrade Ceph", async () => {
    await lab.on(host, renderCephInstall({ host, version: "squid" }));
    await assert.rejects(
      lab.on(host, renderCephInstall({ host, version: "tentacle" })),
      /19\.2\S* is installed, which is no tentacle \(20\); upgrade it by Proxmox's guide/,
    );
    assert.throws(() => renderCephInstall({ host, version: "reef" }), /Ceph reef is none of squid, tentacle/);
  });

  it("does not move Ceph to another network", async () => {
    const init = (publicPrefix: string): string => renderCephInit({ host, publicPrefix, size: 3, minSize: 2 });
    await lab.on(host, init("10.8.48.0/24"));
    await assert.rejects(
      lab.on(host, init("10.8.49.0/24")),
      /there is a cluster on 10\.8\.48\.0\/24 already, not on 10\.8\.49\.0\/24/,
    );
  });
});
