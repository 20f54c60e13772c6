// The lab's table of Proxmox resources against the schema of the provider that the official plug-in is made of.
import assert from "node:assert/strict";
import { tofuWorkspace } from "../../conformance/opentofu/tofu-run.ts";
import { piece } from "../../conformance/piece.ts";
import { pinnedVersion } from "../../conformance/programs.ts";
import { compareWithProvider, type SchemaBlock } from "../../conformance/proxmox/compare-schema.ts";
import { resourceType } from "../../conformance/proxmox/graph.ts";
import { loadTable } from "../../lab/plugin/table.ts";

const table = loadTable("proxmoxve");
const about = {
  subject: `the lab's table of Proxmox VE resources (plug-in ${table.version})`,
  against: `Terraform provider for Proxmox VE ${pinnedVersion("proxmox")}, through OpenTofu ${pinnedVersion("opentofu")}`,
  limit: "whether a Proxmox VE of another version answers as this provider expects",
};

piece(about, () => {
  let schemas: Readonly<Record<string, { readonly block: SchemaBlock }>> = {};
  before(async function () {
    this.timeout("40m");
    const workspace = await tofuWorkspace();
    workspace.write("main.tf.json", { terraform: { required_providers: { proxmox: { source: "bpg/proxmox" } } } });
    const { text } = await workspace.run("providers", "schema", "-json");
    workspace.close();
    const json = text.split("\n").find((line) => line.startsWith("{"));
    assert.ok(json, `no schema: ${text.slice(0, 500)}`);
    const [provider] = Object.values(JSON.parse(json).provider_schemas) as { resource_schemas: typeof schemas }[];
    schemas = provider?.resource_schemas ?? {};
  });

  for (const [token, resource] of Object.entries(table.resources)) {
    it(`${token} has the provider's names, types, requirements and secrets`, () => {
      const block = schemas[resourceType(token, schemas)]?.block;
      assert.ok(block);
      assert.deepEqual(compareWithProvider(resource, table.types, block), []);
    });
  }
});
