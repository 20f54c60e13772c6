import assert from "node:assert/strict";
import { Dashboard } from "../../components/dashboard.ts";
import { plannedService } from "../../components/load-balancer-service.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources } from "../support/record-resources.ts";

const service = plannedService(homelabPlan().loadBalancer, "dashboard");
assert.ok(service);

describe("Dashboard", () => {
  it("answers by TLS on its planned address once it runs", async () => {
    const recording = await recordResources(() => new Dashboard("dashboard", { service }));
    const { metadata, spec } = recording.named("dashboard-address-service").inputs as {
      metadata: { annotations: Record<string, string> };
      spec: { ports: unknown };
    };
    assert.equal(metadata.annotations["metallb.io/loadBalancerIPs"], "10.8.31.11");
    assert.deepEqual(spec.ports, [{ name: "tcp-443", port: 443, targetPort: 8443, protocol: "TCP" }]);
    assert.deepEqual(recording.named("dashboard-address").dependsOn, ["dashboard-release"]);
  });

  it("comes with an account that may look and no more", async () => {
    const recording = await recordResources(() => new Dashboard("dashboard", { service }));
    const { roleRef, subjects } = recording.named("dashboard-viewer-binding").inputs;
    assert.deepEqual(roleRef, { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" });
    assert.deepEqual(subjects, [
      { kind: "ServiceAccount", name: "dashboard-viewer", namespace: "kubernetes-dashboard" },
    ]);
  });
});
