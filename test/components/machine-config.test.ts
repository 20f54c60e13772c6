import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import {
  renderInstallPatch,
  renderMachineConfigPatch,
  renderPassphrasePatch,
} from "../../components/machine-config.ts";
import type { ClusterPlan, NodeInterfacePlan, NodePlan } from "../../plan/plan.ts";
import { assertGolden } from "../support/golden.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

type Document = Record<string, unknown>;

const plan = homelabPlan();
const [first] = plan.nodes;
assert.ok(first);

function documents(change: { node?: Partial<NodePlan>; cluster?: Partial<ClusterPlan> } = {}): Document[] {
  const node = { ...plan.nodes[0], ...change.node } as NodePlan;
  const text = renderMachineConfigPatch({ cluster: { ...plan.cluster, ...change.cluster }, node, kubePrismPort: 7445 });
  return parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS() as Document);
}

const ofKind = (all: readonly Document[], kind: string): Document[] => all.filter((one) => one["kind"] === kind);
const mainOf = (all: readonly Document[]): { machine: Document; cluster: Document } =>
  all[0] as { machine: Document; cluster: Document };

const bare = { mtu: 1500, addresses: [], routes: [] } as const;
function links(interfaces: readonly NodeInterfacePlan[]): Document[] {
  return documents({ node: { interfaces } }).filter((one) => /^(Link|Bond|VLAN|Dummy)/.test(String(one["kind"])));
}

describe("machine configuration", () => {
  for (const node of plan.nodes) {
    it(`of ${node.name} is the one on file`, () => {
      assertGolden(
        `machine-config-${node.name}.yaml`,
        renderMachineConfigPatch({ cluster: plan.cluster, node, kubePrismPort: plan.cilium.apiPort }),
      );
    });
  }

  it("keeps eth1 eligible as the node's address: it lies in the kubelet's subnet and outside the pods'", () => {
    const { machine, cluster } = mainOf(documents());
    assert.deepEqual(machine["kubelet"], {
      nodeIP: { validSubnets: ["10.8.28.0/22"] },
      extraConfig: { maxPods: 110 },
    });
    assert.deepEqual((cluster["network"] as Document)["podSubnets"], [
      "10.8.28.128/25",
      "10.8.29.128/25",
      "10.8.30.128/25",
    ]);
  });

  it("gives pods the time that the battery leaves them", () => {
    const shutdown = { graceSeconds: 480, criticalSeconds: 120, systemSeconds: 120, hostSeconds: 0 };
    const { kubelet } = mainOf(documents({ cluster: { shutdown } })).machine as { kubelet: Document };
    assert.deepEqual(kubelet["extraConfig"], {
      maxPods: 110,
      shutdownGracePeriod: "480s",
      shutdownGracePeriodCriticalPods: "120s",
    });
  });

  it("lets nobody but the plan allocate pod ranges", () => {
    const { machine, cluster } = mainOf(documents());
    assert.deepEqual(machine["nodeAnnotations"], { "network.cilium.io/ipv4-pod-cidr": "10.8.28.128/25" });
    assert.deepEqual(cluster["controllerManager"], { extraArgs: { "allocate-node-cidrs": "false" } });
  });

  it("takes the label that silences MetalLB off control planes that run workloads", () => {
    const label = "node.kubernetes.io/exclude-from-external-load-balancers";
    const labels = (all: Document[]): Document => mainOf(all).machine["nodeLabels"] as Document;
    assert.deepEqual(labels(documents())[label], { $patch: "delete" });
    assert.equal(label in labels(documents({ node: { role: "worker" } })), false);
    assert.equal(label in labels(documents({ cluster: { workloadsOnControlPlanes: false } })), false);
  });

  it("gives a worker the network of the cluster and nothing of the control plane", () => {
    assert.deepEqual(mainOf(documents({ node: { role: "worker" } })).cluster, {
      network: {
        cni: { name: "none" },
        podSubnets: ["10.8.28.128/25", "10.8.29.128/25", "10.8.30.128/25"],
        serviceSubnets: ["10.96.0.0/12"],
      },
    });
  });

  it("switches the generated host name off, in a way that no YAML reader takes for a boolean", () => {
    const text = renderMachineConfigPatch({ cluster: plan.cluster, node: first, kubePrismPort: 7445 });
    assert.match(text, /\nkind: HostnameConfig\nhostname: talos-k8s-01\nauto: "off"\n/);
  });

  it("announces a shared address from control planes only", () => {
    const cluster = { vip: "10.8.16.19", vipInterface: "eth0" };
    assert.deepEqual(ofKind(documents({ cluster }), "Layer2VIPConfig"), [
      { apiVersion: "v1alpha1", kind: "Layer2VIPConfig", name: "10.8.16.19", link: "eth0" },
    ]);
    assert.deepEqual(ofKind(documents({ cluster, node: { role: "worker" } }), "Layer2VIPConfig"), []);
    assert.deepEqual(ofKind(documents(), "Layer2VIPConfig"), []);
  });

  it("loads kernel modules with their parameters", () => {
    const kernelModules = [
      { name: "drbd", parameters: ["usermode_helper=disabled"] },
      { name: "drbd_transport_tcp", parameters: [] },
    ];
    assert.deepEqual(mainOf(documents({ cluster: { kernelModules } })).machine["kernel"], {
      modules: [{ name: "drbd", parameters: ["usermode_helper=disabled"] }, { name: "drbd_transport_tcp" }],
    });
    assert.equal("kernel" in mainOf(documents()).machine, false);
  });

  it("encrypts what the plan says, and keeps passphrases in a patch of their own", () => {
    const encryption = { STATE: "tpm", EPHEMERAL: "tpm" } as const;
    const keys = (all: Document[]) =>
      ofKind(all, "VolumeConfig").map((one) => [one["name"], (one["encryption"] as Document)["keys"]]);
    const tpm = { checkSecurebootStatusOnEnroll: true };
    assert.deepEqual(keys(documents({ node: { encryption } })), [
      ["STATE", [{ slot: 0, tpm }]],
      ["EPHEMERAL", [{ slot: 0, tpm, lockToState: true }]],
    ]);
    assert.deepEqual(keys(documents({ node: { encryption: { STATE: "nodeID", EPHEMERAL: "static" } } })), [
      ["STATE", [{ slot: 0, nodeID: {} }]],
    ]);
    assert.equal(
      renderPassphrasePatch({ STATE: "nodeID", EPHEMERAL: "static" }, "no, 1: #"),
      'apiVersion: v1alpha1\nkind: VolumeConfig\nname: EPHEMERAL\nencryption:\n  provider: luks2\n  keys:\n    - slot: 0\n      static:\n        passphrase: "no, 1: #"\n',
    );
    assert.deepEqual(keys(documents()), []);
  });

  it("answers only what a rule names, and a worker nothing of the control plane", () => {
    const everywhere = {
      name: "drbd",
      protocol: "tcp",
      ports: ["7000-7999"],
      from: ["10.0.0.1/32"],
      controlPlanesOnly: false,
    } as const;
    const ingress = [everywhere, { ...everywhere, name: "etcd", ports: ["2379-2380"], controlPlanesOnly: true }];
    const rules = (role: NodePlan["role"]) => {
      const all = documents({ cluster: { ingress }, node: { role } });
      assert.deepEqual(
        ofKind(all, "NetworkDefaultActionConfig").map((one) => one["ingress"]),
        ["block"],
      );
      return ofKind(all, "NetworkRuleConfig");
    };
    assert.deepEqual(rules("worker"), [
      {
        apiVersion: "v1alpha1",
        kind: "NetworkRuleConfig",
        name: "drbd",
        portSelector: { ports: ["7000-7999"], protocol: "tcp" },
        ingress: [{ subnet: "10.0.0.1/32" }],
      },
    ]);
    assert.deepEqual(
      rules("controlplane").map((one) => one["name"]),
      ["drbd", "etcd"],
    );
    assert.deepEqual(ofKind(documents(), "NetworkDefaultActionConfig"), []);
  });

  it("says where Talos is installed and from which image", () => {
    assert.equal(
      renderInstallPatch(
        { ...first, installDisk: "/dev/disk/by-id/nvme-x" },
        "factory.talos.dev/metal-installer/abc:v1.13.0",
      ),
      "machine:\n  install:\n    disk: /dev/disk/by-id/nvme-x\n    image: factory.talos.dev/metal-installer/abc:v1.13.0\n",
    );
    assert.equal(
      renderInstallPatch({ ...first, installMatch: { type: "nvme", size: "<= 600GB" } }, "abc"),
      "machine:\n  install:\n    diskSelector:\n      type: nvme\n      size: <= 600GB\n    image: abc\n",
    );
  });
});

describe("machine configuration on the metal", () => {
  it("binds a NIC's name to its permanent address", () => {
    assert.deepEqual(links([{ ...bare, kind: "ethernet", name: "sfp0", mac: "02:00:00:00:00:01" }]), [
      {
        apiVersion: "v1alpha1",
        kind: "LinkAliasConfig",
        name: "sfp0",
        selector: { match: 'mac(link.permanent_addr) == "02:00:00:00:00:01"' },
      },
      { apiVersion: "v1alpha1", kind: "LinkConfig", name: "sfp0", mtu: 1500 },
    ]);
  });

  it("takes a NIC down that nothing is on: Talos would ask for a lease on it", () => {
    const [, link] = links([{ ...bare, kind: "ethernet", name: "eno1", mac: "02:00:00:00:00:01", isIdle: true }]);
    assert.deepEqual(link, { apiVersion: "v1alpha1", kind: "LinkConfig", name: "eno1", up: false, mtu: 1500 });
  });

  it("binds a USB4 link to its bus path and routes to the peer from the ring's own address", () => {
    const routes = [{ destination: "169.254.255.102/32", metric: 2048, source: "169.254.255.101" }];
    const addresses = ["169.254.255.101/32"];
    assert.deepEqual(links([{ kind: "usb4", name: "tb0", busPath: "0-1.0", mtu: 65520, addresses, routes }]), [
      {
        apiVersion: "v1alpha1",
        kind: "LinkAliasConfig",
        name: "tb0",
        selector: { match: 'link.driver == "thunderbolt-net" && link.bus_path == "0-1.0"' },
      },
      {
        apiVersion: "v1alpha1",
        kind: "LinkConfig",
        name: "tb0",
        mtu: 65520,
        addresses: [{ address: "169.254.255.101/32" }],
        routes: [{ destination: "169.254.255.102/32", source: "169.254.255.101", metric: 2048 }],
      },
    ]);
  });

  it("builds a VLAN on an LACP bond, both at the plan's MTU", () => {
    const bond = { ...bare, kind: "bond", name: "bond0", members: ["sfp0", "sfp1"], mtu: 9000 } as const;
    const vlan = { ...bare, kind: "vlan", name: "bond0.48", parent: "bond0", vlanId: 48, mtu: 9000 } as const;
    assert.deepEqual(links([{ ...bond, mode: "802.3ad", xmitHashPolicy: "layer3+4", lacpRate: "fast" }, vlan]), [
      {
        apiVersion: "v1alpha1",
        kind: "BondConfig",
        name: "bond0",
        links: ["sfp0", "sfp1"],
        bondMode: "802.3ad",
        miimon: 100,
        updelay: 200,
        downdelay: 200,
        xmitHashPolicy: "layer3+4",
        lacpRate: "fast",
        mtu: 9000,
      },
      { apiVersion: "v1alpha1", kind: "VLANConfig", name: "bond0.48", vlanID: 48, parent: "bond0", mtu: 9000 },
    ]);
  });

  it("asks an active-backup bond for nothing that only LACP has", () => {
    const bond = { ...bare, kind: "bond", name: "bond1", members: ["a", "b"] } as const;
    const [config] = links([{ ...bond, mode: "active-backup", xmitHashPolicy: "layer3+4", lacpRate: "fast" }]);
    assert.equal(config?.["bondMode"], "active-backup");
    assert.equal("lacpRate" in (config ?? {}), false);
    assert.equal("xmitHashPolicy" in (config ?? {}), false);
  });

  it("makes a dummy link for an address that belongs to no cable", () => {
    assert.deepEqual(links([{ ...bare, kind: "dummy", name: "dummy0", addresses: ["192.0.2.1/32"] }]), [
      {
        apiVersion: "v1alpha1",
        kind: "DummyLinkConfig",
        name: "dummy0",
        mtu: 1500,
        addresses: [{ address: "192.0.2.1/32" }],
      },
    ]);
  });
});
