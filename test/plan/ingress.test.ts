import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const rulesOf = (rack: string, changes: object = {}) => {
  const talos = { ingressFirewall: { operators: ["home"] } };
  const { cluster } = planOf(rack, {
    "firewall.zones.home": ["192.168.1.0/24", "192.168.7.10-192.168.7.11"],
    talos,
    ...changes,
  });
  return new Map((cluster.ingress ?? []).map((rule) => [rule.name, rule]));
};
const from = (rack: string, name: string, changes: object = {}) => rulesOf(rack, changes).get(name)?.from;

describe("what nodes answer", () => {
  it("is everything, unless the firewall is asked for", () => {
    assert.equal(planOf("ms01", { talos: {} }).cluster.ingress, undefined);
  });

  it("is the APIs for the operators, by prefix, and for the cluster itself", () => {
    for (const name of ["apid", "kubernetes-api"]) {
      const sources = from("ms01", name) ?? [];
      for (const prefix of ["192.168.1.0/24", "192.168.7.10/31", "10.8.20.11/32", "10.8.24.2/32", "10.8.24.128/25"])
        assert.ok(sources.includes(prefix), `${name} from ${prefix}`);
      assert.ok(!sources.includes("10.8.20.0/24"), "neighbours of the nodes are no operators");
    }
  });

  it("is etcd for its members only, and not on workers", () => {
    assert.deepEqual(from("ms01", "etcd"), ["10.8.20.11/32", "10.8.20.12/32", "10.8.20.13/32"]);
    const workers = rulesOf("workers");
    const onWorkers = [...workers.values()]
      .filter(({ controlPlanesOnly }) => !controlPlanesOnly)
      .map(({ name }) => name);
    assert.deepEqual(onWorkers, ["apid", "kubelet", "cilium", "metallb", "metallb-udp", "metrics"]);
  });

  it("is DRBD for the ring and LINSTOR's satellites for its controller, where there is LINSTOR", () => {
    for (const prefix of ["10.8.49.1/32", "10.8.49.2/32", "10.8.49.3/32"])
      assert.ok(from("ms01", "drbd")?.includes(prefix));
    assert.ok(from("ms01", "linstor-satellite")?.includes("10.8.24.128/25"));
    assert.equal(from("homelab", "drbd"), undefined);
  });

  it("is metrics for pods where somebody collects them", () => {
    assert.deepEqual(from("homelab", "metrics"), ["10.8.28.128/25", "10.8.29.128/25", "10.8.30.128/25"]);
    assert.equal(from("ms01", "metrics"), undefined);
  });

  it("is nothing on the cluster network for anybody outside it", () => {
    const outside = [...rulesOf("ms01").values()].filter(({ from: sources }) =>
      sources.some((source) => source.startsWith("192.168.")),
    );
    assert.deepEqual(
      outside.map(({ name }) => name),
      ["apid", "kubernetes-api"],
    );
  });
});
