import assert from "node:assert/strict";
import { LoadBalancerService, plannedService } from "../../components/load-balancer-service.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { recordResources, settled } from "../support/record-resources.ts";

const plan = homelabPlan().loadBalancer;
const traefik = plannedService(plan, "traefik");
assert.ok(traefik);

describe("plannedService", () => {
  it("finds a planned service, and none that is not planned", () => {
    assert.equal(plannedService(plan, "grafana")?.address, "10.8.31.12");
    assert.equal(plannedService(plan, "jellyfin"), undefined);
  });
});

describe("LoadBalancerService", () => {
  it("asks MetalLB for the planned address and opens the planned ports, no port of the nodes", async () => {
    const recording = await recordResources(() => {
      const targetPort = (port: number): number => port + 8000;
      new LoadBalancerService("web", { plan: traefik, namespace: "traefik", selector: { app: "traefik" }, targetPort });
    });
    const { metadata, spec } = recording.named("web-service").inputs;
    assert.deepEqual(metadata, {
      name: "traefik-address",
      namespace: "traefik",
      annotations: { "metallb.io/loadBalancerIPs": "10.8.31.10", "pulumi.com/patchForce": "true" },
      labels: { "app.kubernetes.io/name": "traefik", "homelab/planned": "yes" },
    });
    assert.deepEqual(spec, {
      type: "LoadBalancer",
      selector: { app: "traefik" },
      ports: [
        { name: "tcp-80", port: 80, targetPort: 8080, protocol: "TCP" },
        { name: "tcp-443", port: 443, targetPort: 8443, protocol: "TCP" },
      ],
      allocateLoadBalancerNodePorts: false,
    });
  });

  it("reports the address that was really assigned", async () => {
    let service: LoadBalancerService | undefined;
    await recordResources(
      () => {
        service = new LoadBalancerService("web", { plan: traefik, namespace: "n", selector: {}, targetPort: () => 1 });
      },
      { state: () => ({ status: { loadBalancer: { ingress: [{ ip: "10.8.31.99" }] } } }) },
    );
    assert.ok(service);
    assert.equal(await settled(service.address), "10.8.31.99");
  });
});
