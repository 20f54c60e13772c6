import assert from "node:assert/strict";
import { Cilium, ciliumValues } from "../../components/cilium.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources } from "../support/record-resources.ts";

const plan = homelabPlan().cilium;

describe("Cilium", () => {
  it("is one pinned release in kube-system, awaited and taken back when it fails", async () => {
    const recording = await recordResources(() => new Cilium("cilium", { plan }));
    const { values, ...inputs } = recording.named("cilium-release").inputs;
    assert.deepEqual(inputs, {
      allowNullValues: true,
      atomic: true,
      chart: "cilium",
      compat: "true",
      name: "cilium",
      namespace: "kube-system",
      repositoryOpts: { repo: "https://helm.cilium.io/" },
      timeout: 600,
      version: "1.19.3",
    });
    assert.deepEqual(values, ciliumValues(plan));
    assert.equal(recording.named("cilium-release").parent, "cilium");
  });

  it("routes pods natively over the nodes' VLAN, under their own addresses", () => {
    const values = ciliumValues(plan);
    assert.equal(values["routingMode"], "native");
    assert.equal(values["ipv4NativeRoutingCIDR"], "10.8.28.0/22");
    assert.equal(values["autoDirectNodeRoutes"], true);
    assert.equal(values["enableIPv4Masquerade"], false);
    assert.deepEqual(values["devices"], ["eth0", "eth1"]);
    assert.deepEqual(values["nodePort"], { directRoutingDevice: "eth1" });
  });

  it("takes pod ranges from the nodes' annotations", () => {
    const values = ciliumValues(plan);
    assert.deepEqual(values["ipam"], { mode: "kubernetes" });
    assert.equal(values["annotateK8sNode"], true);
    assert.deepEqual(values["k8s"], { requireIPv4PodCIDR: true });
  });

  it("does kube-proxy's work and asks the API on the node itself", () => {
    const values = ciliumValues(plan);
    assert.equal(values["kubeProxyReplacement"], true);
    assert.equal(values["k8sServiceHost"], "localhost");
    assert.equal(values["k8sServicePort"], 7445);
  });

  it("hides pods behind their node only where their network is not routed", () => {
    assert.equal(ciliumValues({ ...plan, masquerade: true })["enableIPv4Masquerade"], true);
  });

  it("never waits for an operator that has no node of its own", () => {
    assert.deepEqual(ciliumValues(plan)["operator"], { replicas: 2 });
    assert.deepEqual(ciliumValues({ ...plan, podPrefixes: ["10.8.28.128/25"] })["operator"], { replicas: 1 });
  });

  it("leaves service addresses to MetalLB", () => {
    const values = ciliumValues(plan);
    assert.equal(values["enableLBIPAM"], false);
    assert.equal(values["defaultLBServiceIPAM"], "none");
    assert.deepEqual(values["l2announcements"], { enabled: false });
  });
});
