// One edit that gives somebody's address to somebody else: done in one run where the real thing can, refused before anything changes where not.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { listKind } from "../../lab/rack/kubernetes/objects.ts";
import { listClusters } from "../../lab/rack/talos/cluster.ts";
import { BuiltHomelab, failed, succeeded } from "./support/built-homelab.ts";
import { at } from "./support/project.ts";

describe("an address that changes hands", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  const edit = (changes: Readonly<Record<string, unknown>>): void =>
    homelab.project.edit((file: Document) => {
      for (const [path, value] of Object.entries(changes)) {
        if (value === null) file.deleteIn(at(path));
        else file.setIn(at(path), value);
      }
    });
  const pools = (): Promise<Record<string, unknown>> =>
    homelab.project.rack((rack) => {
      const [cluster] = listClusters(rack);
      assert.ok(cluster);
      return Object.fromEntries(
        listKind({ rack, cluster }, "IPAddressPool").map(({ object }) => [
          object.metadata.name,
          object.spec?.["addresses"],
        ]),
      );
    });
  const services = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      ((await homelab.project.status()).kubernetes[0]?.services ?? []).map(({ service, address, problem }) => [
        service.split("/")[1]?.replace("-address", "") ?? "",
        problem ?? address,
      ]),
    );
  const built = { dashboard: "10.8.31.11", grafana: "10.8.31.12", prometheus: "10.8.31.13", traefik: "10.8.31.10" };

  async function becomes(expected: {
    pools?: Record<string, string>;
    services?: Record<string, string>;
  }): Promise<void> {
    succeeded(await homelab.project.up());
    const wanted = Object.entries(expected.pools ?? { default: "10.8.31.10-10.8.31.200" });
    assert.deepEqual(await pools(), Object.fromEntries(wanted.map(([name, range]) => [name, [range]])));
    assert.deepEqual(await services(), expected.services ?? built);
  }

  it("goes with the part of a pool that becomes a new one, and both ways between two pools", async () => {
    edit({
      "loadBalancer.pools.default.to": "10.8.31.100",
      "loadBalancer.pools.apart": { from: "10.8.31.101", to: "10.8.31.200" },
    });
    await becomes({ pools: { apart: "10.8.31.101-10.8.31.200", default: "10.8.31.10-10.8.31.100" } });
    edit({
      "loadBalancer.pools.default": { from: "10.8.31.101", to: "10.8.31.200" },
      "loadBalancer.pools.apart": { from: "10.8.31.10", to: "10.8.31.100" },
    });
    await becomes({ pools: { apart: "10.8.31.10-10.8.31.100", default: "10.8.31.101-10.8.31.200" } });
  });

  it("goes with a pool that gets another name", async () => {
    edit({
      "loadBalancer.pools.default": null,
      "loadBalancer.pools.services": { from: "10.8.31.10", to: "10.8.31.200" },
    });
    await becomes({ pools: { services: "10.8.31.10-10.8.31.200" } });
  });

  it("goes both ways between two services, and from one that is taken out to another", async () => {
    edit({
      "loadBalancer.services.dashboard.address": "10.8.31.10",
      "loadBalancer.services.traefik.address": "10.8.31.11",
    });
    await becomes({ services: { ...built, dashboard: "10.8.31.10", traefik: "10.8.31.11" } });
    edit({ "loadBalancer.services.traefik": null, "loadBalancer.services.grafana.address": "10.8.31.11" });
    const { traefik: _, ...rest } = built;
    await becomes({ services: { ...rest, dashboard: "10.8.31.10", grafana: "10.8.31.11" } });
    succeeded(await homelab.project.up("--expect-no-changes"));
  });

  it("stays where others know somebody by it: the preview says the two steps", async () => {
    edit({
      "nodes.talos-k8s-02.addresses.workload": "10.8.30.2",
      "nodes.talos-k8s-03.addresses.workload": "10.8.29.2",
    });
    failed(
      await homelab.project.preview(),
      /nodes\.talos-k8s-02\.addresses\.workload: talos-k8s-02 is there with 10\.8\.29\.2, .* cannot become 10\.8\.30\.2 in place; put 10\.8\.29\.2 back, or do it in two steps: take talos-k8s-02 out and run up \(docs\/guides\/remove-node\.md\), then add it/,
      /nodes\.talos-k8s-03\.addresses\.workload: /,
    );
    await homelab.restore();
    edit({
      "hosts.pve-ms01-01.addresses.storage.address": "10.8.48.11",
      "hosts.pve-ms01-02.addresses.storage.address": "10.8.48.10",
    });
    failed(
      await homelab.project.preview(),
      /hosts\.pve-ms01-01\.addresses\.storage\.address: .* \(docs\/guides\/remove-host\.md\)/,
    );
  });

  it("does not make a machine anew, empty, that gets another id, not even in a run without a preview", async () => {
    const before = await homelab.machines();
    edit({ "nodes.talos-k8s-03.vm.id": 8013 });
    failed(await homelab.project.preview(), /nodes\.talos-k8s-03\.vm\.id: talos-k8s-03 is there with 8003, /);
    failed(
      await homelab.project.up(),
      /machines are there already, .*: talos-k8s-03 has id 8003 on pve-aimax-01, not 8013 on pve-aimax-01\. .* two steps/,
    );
    assert.deepEqual(await homelab.machines(), before);
  });
});
