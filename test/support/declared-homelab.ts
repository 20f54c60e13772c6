// The homelab as it is declared for real hardware: its whole program under mocks, in a preview.
import * as pulumi from "@pulumi/pulumi";
import { realConnections } from "../../config/connections.ts";
import type { Plan } from "../../plan/plan.ts";
import { buildHomelab } from "../../stacks/homelab.ts";
import { type Recording, recordResources } from "./record-resources.ts";

const secrets = { "homelab:proxmoxApiToken": "root@pam!pulumi=fake", "homelab:sshPrivateKey": "fake key" };

/** Declares a plan. Pulumi's configuration stays set: put it back with `pulumi.runtime.setAllConfig({})`. */
export function declareHomelab(plan: Plan, config: Readonly<Record<string, string>> = {}): Promise<Recording> {
  pulumi.runtime.setAllConfig({ ...secrets, ...config });
  const build = () => void buildHomelab(plan, realConnections(plan, new pulumi.Config("homelab"), "homelab"));
  return recordResources(build, {
    preview: true,
    calls: {
      "talos:machine/getConfiguration:getConfiguration": () => ({ machineConfiguration: "generated" }),
      "talos:client/getConfiguration:getConfiguration": () => ({ talosConfig: "talosconfig" }),
    },
    state: ({ type }) => ({
      ...(type === "talos:machine/secrets:Secrets" ? { machineSecrets: {}, clientConfiguration: {} } : {}),
      ...(type === "command:remote:Command" ? { stdout: "", stderr: "" } : {}),
    }),
  });
}
