// The provider's own description of its resources, as OpenTofu prints it.
import { tofuWorkspace } from "../opentofu/tofu-run.ts";
import type { ResourceSchemas } from "./graph.ts";

/**
 * Schemas of all resources by their type.
 * @throws when OpenTofu prints none
 */
export async function providerSchemas(): Promise<ResourceSchemas> {
  const workspace = await tofuWorkspace();
  try {
    workspace.write("main.tf.json", { terraform: { required_providers: { proxmox: { source: "bpg/proxmox" } } } });
    const { text } = await workspace.run("providers", "schema", "-json");
    const json = text.split("\n").find((line) => line.startsWith("{"));
    if (json === undefined) throw new Error(`OpenTofu printed no schema: ${text.slice(0, 500)}`);
    const parsed = JSON.parse(json) as { provider_schemas: Record<string, { resource_schemas: ResourceSchemas }> };
    return Object.values(parsed.provider_schemas)[0]?.resource_schemas ?? {};
  } finally {
    workspace.close();
  }
}
