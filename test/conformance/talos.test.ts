// Machine configurations as Talos's own code reads them.
import assert from "node:assert/strict";
import { ensureProgram } from "../../conformance/build-program.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import {
  type ConfigurationView,
  judgeNodes,
  type LinkView,
  type NodeJudgement,
} from "../../conformance/talos/judge.ts";
import type { NodeInterfacePlan, NodePlan, Plan } from "../../plan/plan.ts";
import { planOf } from "../support/configs.ts";

const about = {
  subject: "machine configurations of every node",
  against: `Talos machinery ${pinnedVersion("talos")}`,
  limit: "that the NICs bear the expected names and addresses, and that the machine boots with them",
};

/** What no stack of the repository turns on. */
const optionsOfTalos = [
  {
    stack: "ms01, sealed",
    plan: planOf("ms01", { talos: { secureBoot: true, diskEncryption: { state: "tpm", ephemeral: "tpm" } } }),
  },
  {
    stack: "homelab, encrypted",
    plan: planOf("homelab", { talos: { diskEncryption: { state: "nodeID", ephemeral: "static" } } }),
  },
  {
    stack: "workers, behind a firewall",
    plan: planOf("workers", { talos: { ingressFirewall: { operators: ["management"] } } }),
  },
];

piece(about, () => {
  let program = "";
  before(async function () {
    this.timeout("30m");
    program = await ensureProgram("talos");
  });

  for (const { stack, plan } of [...hardwareStacks(), ...optionsOfTalos]) {
    describe(`stack ${stack}`, () => {
      let judged: NodeJudgement[] = [];
      before(function () {
        this.timeout("2m");
        judged = judgeNodes(program, plan);
      });

      it(`${stack}: Talos accepts the configuration of every node, without a warning`, () => {
        assert.deepEqual(
          judged.map(({ name, errors, warnings }) => ({ name, errors, warnings })),
          plan.nodes.map(({ name }) => ({ name, errors: [], warnings: [] })),
        );
      });

      for (const node of plan.nodes) {
        const view = (): ConfigurationView => {
          const found = judged.find(({ name }) => name === node.name)?.view;
          assert.ok(found, `Talos did not accept ${node.name}`);
          return found;
        };
        it(`${stack}: ${node.name} has the planned links, addresses and routes`, () => {
          assert.deepEqual(byName(view().interfaces), byName(node.interfaces.map(expectedLink)));
          assert.equal(view().runsDhcp, false, "no address may come from a DHCP server");
        });
        it(`${stack}: ${node.name} has the planned policy routing and shared address`, () => {
          assert.deepEqual(view().routingRules, node.routingRules);
          assert.deepEqual(view().virtualIps, expectedVirtualIps(plan, node));
        });
        it(`${stack}: links of ${node.name} that are renamed are found by what does not change`, () => {
          assert.deepEqual(Object.keys(view().aliases).sort(), renamedLinks(node));
        });
        it(`${stack}: the kubelet and etcd of ${node.name} can only take the planned addresses`, () => {
          assert.deepEqual(view().nodeAddresses, [node.nodeAddress]);
          assert.deepEqual(view().etcdAddresses, node.role === "controlplane" ? [node.managementAddress] : []);
        });
        it(`${stack}: ${node.name} knows its name, its pods, its disk and whom to ask`, () => {
          const { cluster } = plan;
          const seen = view();
          assert.equal(seen.hostname, node.name);
          assert.equal(seen.autoHostname, "off");
          assert.equal(seen.annotations["network.cilium.io/ipv4-pod-cidr"], node.podPrefix);
          assert.deepEqual(seen.podSubnets, cluster.podPrefixes);
          assert.deepEqual(seen.serviceSubnets, [cluster.servicePrefix]);
          assert.equal(seen.cni, "none");
          assert.equal(seen.endpoint, cluster.endpoint);
          if (node.installMatch === undefined) assert.equal(seen.installDisk, node.installDisk);
          else assert.deepEqual(seen.installMatches, [node.installDisk]);
          assert.deepEqual(
            seen.encryption,
            Object.fromEntries(Object.entries(node.encryption).map(([volume, key]) => [volume, [key]])),
          );
          const { shutdown } = cluster;
          const grace = shutdown === undefined ? undefined : `${shutdown.graceSeconds}s`;
          assert.equal(seen.kubeletConfig.shutdownGracePeriod, grace);
          assert.deepEqual(seen.nameservers, cluster.dnsServers);
          assert.deepEqual(seen.timeServers, cluster.ntpServers);
          assert.deepEqual(
            seen.kernelModules,
            cluster.kernelModules.map(({ name }) => name),
          );
        });
        it(`${stack}: ${node.name} answers what is planned, to whom it is planned`, () => {
          assert.deepEqual(view().ingress, expectedIngress(plan, node));
        });
        if (node.role === "controlplane") {
          it(`${stack}: the API of ${node.name} has a certificate for every address, and no kube-proxy beside Cilium`, () => {
            assert.deepEqual(
              plan.cluster.certSans.filter((name) => !view().apiCertSans.includes(name)),
              [],
            );
            assert.equal(view().proxyDisabled, true);
          });
        }
      }
    });
  }
});

const byName = <T extends { readonly name: string }>(links: readonly T[]): T[] =>
  [...links].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The plan's link in Talos's terms: what picks the hardware is an alias, not a property of the link. */
function expectedLink(link: NodeInterfacePlan): LinkView {
  const { name, mtu, addresses, routes } = link;
  const common = { name, mtu, addresses, routes };
  switch (link.kind) {
    case "bond": {
      const { members, mode, xmitHashPolicy, lacpRate } = link;
      return { ...common, kind: "bond", members, mode, ...(mode === "802.3ad" ? { xmitHashPolicy, lacpRate } : {}) };
    }
    case "vlan":
      return { ...common, kind: "vlan", parent: link.parent, vlanId: link.vlanId };
    case "dummy":
      return { ...common, kind: "dummy" };
    case "ethernet":
      return { ...common, kind: "ethernet", ...(link.isIdle ? { isIdle: true } : {}) };
    default:
      return { ...common, kind: "ethernet" };
  }
}

function expectedIngress({ cluster }: Plan, node: NodePlan): ConfigurationView["ingress"] {
  if (cluster.ingress === undefined) return null;
  return cluster.ingress
    .filter(({ controlPlanesOnly }) => node.role === "controlplane" || !controlPlanesOnly)
    .map(({ protocol, ports, from }) => ({ protocol, ports, from }));
}

function expectedVirtualIps(plan: Plan, node: NodePlan): Record<string, string> {
  const { vip, vipInterface } = plan.cluster;
  return vip === undefined || node.role === "worker" ? {} : { [vip]: vipInterface };
}

function renamedLinks(node: NodePlan): string[] {
  return node.interfaces
    .filter((link) => link.kind === "usb4" || (link.kind === "ethernet" && link.mac !== undefined))
    .map(({ name }) => name)
    .sort();
}
