// A host as small as a plan can have it.
import type { HostPlan } from "../../plan/plan.ts";

/** `pve-a` on 192.0.2.10, with a management bridge and nothing else but what the test adds. */
export function hostPlan(change: Partial<HostPlan> = {}): HostPlan {
  return {
    name: "pve-a",
    fqdn: "pve-a.example.test",
    model: "box",
    managementAddress: "192.0.2.10",
    managementInterface: "vmbr0.16",
    managementGateway: "192.0.2.1",
    bonds: [],
    bridges: [],
    nicInterfaces: [],
    disks: [],
    interfacesFile: "auto lo\niface lo inet loopback\n",
    holds: [],
    retire: false,
    keeps: {},
    ...change,
  };
}
