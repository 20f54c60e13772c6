import assert from "node:assert/strict";
import type { ProviderTable } from "../../lab/plugin/table.ts";
import { generateTable } from "../../tools/generate-tables.ts";

const description = (text: string) => ({ description: text });
const SCHEMA = {
  name: "shelf",
  provider: { inputProperties: { token: { type: "string", secret: true } } },
  resources: {
    "shelf:index:Box": {
      inputProperties: {
        name: { type: "string", willReplaceOnChanges: true },
        parts: { type: "array", items: { $ref: "#/types/shelf:index%2FBoxPart:BoxPart" } },
        labels: { type: "object", additionalProperties: { type: "string" } },
        mode: {
          type: "string",
          ...description(
            '(defaults to <span pulumi-lang-nodejs="`ioUring`" pulumi-lang-hcl="`io_uring`">`io_uring`</span>)',
          ),
        },
        size: { type: "integer", ...description("In litres (defaults to `3`).") },
        material: { type: "string" },
        source: { $ref: "pulumi.json#/Asset" },
        triggers: { type: "array", items: { $ref: "pulumi.json#/Any" } },
      },
      requiredInputs: ["name"],
      properties: { name: { type: "string" }, weight: { type: "number" }, key: { type: "string", secret: true } },
      required: ["name", "material", "weight"],
    },
    "shelf:index:Unused": {},
  },
  functions: { "shelf:index:count": { outputs: { properties: { boxes: { type: "integer" } }, required: ["boxes"] } } },
  types: { "shelf:index/BoxPart:BoxPart": { properties: { kind: { type: "string" } }, required: ["kind"] } },
};

describe("tables from a schema", () => {
  it("hold what the plug-in checks, and nothing of what is not used", () => {
    const text = generateTable(SCHEMA, "1.2.3", ["shelf:index:Box", "shelf:index:count"]);
    assert.deepEqual(JSON.parse(text) as ProviderTable, {
      name: "shelf",
      version: "1.2.3",
      config: { token: { type: "string", secret: true } },
      resources: {
        "shelf:index:Box": {
          inputs: {
            labels: { type: "{string}" },
            material: { type: "string", computed: true },
            mode: { type: "string", default: "io_uring" },
            name: { type: "string", required: true, replace: true },
            parts: { type: "#BoxPart[]" },
            size: { type: "integer", default: 3 },
            source: { type: "asset" },
            triggers: { type: "any[]" },
          },
          outputs: { key: { type: "string", secret: true }, weight: { type: "number", computed: true } },
        },
      },
      functions: {
        "shelf:index:count": { inputs: {}, outputs: { boxes: { type: "integer", computed: true } } },
      },
      types: { BoxPart: { kind: { type: "string", required: true } } },
    });
  });

  it("are written one property a line", () => {
    assert.match(
      generateTable(SCHEMA, "1.2.3", ["shelf:index:Box"]),
      /\n {4}"size": \{"type":"integer","default":3\},\n/,
    );
  });

  it("name a token that the schema does not have", () => {
    assert.throws(() => generateTable(SCHEMA, "1.2.3", ["shelf:index:Bag"]), /not in the schema: shelf:index:Bag/);
  });
});
