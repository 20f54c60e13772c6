import assert from "node:assert/strict";
import { Ingress } from "../../components/ingress.ts";
import { plannedService } from "../../components/load-balancer-service.ts";
import type { ServicePlan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Recording, recordResources } from "../support/record-resources.ts";

const service = plannedService(homelabPlan().loadBalancer, "traefik");
assert.ok(service);
const build = (change: Partial<ServicePlan> = {}): Promise<Recording> =>
  recordResources(() => new Ingress("ingress", { service: { ...service, ...change } }));
const portsOf = (recording: Recording): unknown =>
  (recording.named("ingress-address-service").inputs["spec"] as { ports: unknown }).ports;

describe("Ingress", () => {
  it("puts Traefik on its planned address, and nowhere else", async () => {
    const recording = await build();
    assert.deepEqual(recording.named("ingress-release").inputs["values"], {
      deployment: { replicas: 2 },
      service: { enabled: false },
      providers: { kubernetesIngress: { publishedService: { pathOverride: "traefik/traefik-address" } } },
      ports: {},
    });
    const { metadata } = recording.named("ingress-address-service").inputs as {
      metadata: { annotations: Record<string, string> };
    };
    assert.equal(metadata.annotations["metallb.io/loadBalancerIPs"], "10.8.31.10");
    assert.deepEqual(portsOf(recording), [
      { name: "tcp-80", port: 80, targetPort: 8000, protocol: "TCP" },
      { name: "tcp-443", port: 443, targetPort: 8443, protocol: "TCP" },
    ]);
  });

  it("asks for the address only when Traefik runs: nobody would answer on it", async () => {
    assert.deepEqual((await build()).named("ingress-address").dependsOn, ["ingress-release"]);
  });

  it("opens an entry point for every further port", async () => {
    const recording = await build({ ports: [443, 8080] });
    const { ports } = recording.named("ingress-release").inputs["values"] as { ports: unknown };
    assert.deepEqual(ports, { "tcp-8080": { port: 18080, expose: { default: false } } });
    assert.deepEqual(portsOf(recording), [
      { name: "tcp-443", port: 443, targetPort: 8443, protocol: "TCP" },
      { name: "tcp-8080", port: 8080, targetPort: 18080, protocol: "TCP" },
    ]);
  });
});
