// What the program of a plan registers, recorded under Pulumi's mocks: the very components, with no engine and no rack.
import * as pulumi from "@pulumi/pulumi";
import type { Connections } from "../../config/connections.ts";
import type { Plan } from "../../plan/plan.ts";
import { renderSchematic, schematicId } from "../../plan/schematic.ts";
import { buildHomelab } from "../../stacks/homelab.ts";
import { recordResources } from "../../test/support/record-resources.ts";
import { addressOf, outputOf, type Registration, type ResourceSchemas, reference } from "./graph.ts";

/** Connections that lead to a simulated rack, for what is not looked at here. */
function connections(rack: string): Connections {
  const domain = `${rack}.rack.invalid`;
  return {
    proxmox: { endpoint: `https://${domain}:8006/`, apiToken: pulumi.secret("simulated"), insecure: false },
    ssh: { user: "root", privateKey: pulumi.secret("simulated"), hostKeys: {}, proxyHost: `ssh.${domain}` },
    imageFactoryUrl: `https://factory.${domain}`,
    protect: false,
    operatorEnvironment: {},
  };
}

/** Registrations of a plan. Ids of Proxmox's resources are references, and what commands print stands for itself. */
export async function programRegistrations(
  plan: Plan,
  rack: string,
  schemas: ResourceSchemas,
): Promise<Registration[]> {
  const schematic = schematicId(renderSchematic(plan.image));
  const { resources } = await recordResources(() => buildHomelab(plan, connections(rack)), {
    ids: ({ type, name }) => {
      if (type.toLowerCase().includes("schematic")) return schematic;
      const isProxmox = type.startsWith("proxmoxve:");
      return isProxmox ? reference(`${addressOf({ type, name }, schemas)}.id`) : undefined;
    },
    state: ({ type, name }) => {
      if (type === "command:remote:Command") return { stdout: outputOf(name), stderr: "" };
      // What its nodes name it by, so that they wait for it.
      if (type.startsWith("proxmoxve:sdn/fabric/openfabric:"))
        return { resourceId: reference(`${addressOf({ type, name }, schemas)}.id`) };
      if (!type.startsWith("talos:machine/secrets")) return {};
      const client = { caCertificate: "ca", clientCertificate: "crt", clientKey: "key" };
      return { clientConfiguration: client, machineSecrets: {}, talosVersion: plan.cluster.talosVersion };
    },
    calls: new Proxy({}, { get: () => () => ({}) }),
  });
  return [...resources];
}
