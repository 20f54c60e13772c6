// Every resource of every stack, the local talos package and the lab's tables, against the official packages of the providers.
import assert from "node:assert/strict";
import { declareStack, plainInputs, resourcesOf } from "../../conformance/declared.ts";
import { piece } from "../../conformance/piece.ts";
import { checkInputs, compareTables } from "../../conformance/pulumi/check-inputs.ts";
import {
  type OfficialSchema,
  type ProviderName,
  readOfficialSchemas,
  sdkVersion,
} from "../../conformance/pulumi/official-schema.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import { loadTable } from "../../lab/plugin/table.ts";
import type { Recording } from "../support/record-resources.ts";

const names: readonly ProviderName[] = ["command", "proxmoxve", "talos"];
let schemas: Readonly<Record<ProviderName, OfficialSchema>> | undefined;

for (const provider of names) {
  const about = {
    subject: `${provider} resources of every stack, and the lab's table of them`,
    against: `official package ${provider} ${sdkVersion(provider)}`,
    limit: "what the API behind the plug-in answers",
  };
  piece(about, () => {
    before(async function () {
      this.timeout("10m");
      schemas ??= await readOfficialSchemas();
      if (schemas === undefined) this.skip();
    });
    const schema = (): OfficialSchema => {
      const found = schemas?.[provider];
      assert.ok(found);
      return found;
    };

    for (const { stack, plan } of hardwareStacks()) {
      describe(`stack ${stack}`, () => {
        let declared: Recording | undefined;
        before(async function () {
          this.timeout("2m");
          declared = await declareStack(plan);
        });
        it(`${stack}: the plug-in knows every ${provider} resource and every property, with these types`, () => {
          assert.ok(declared);
          const complaints = resourcesOf(declared, provider).flatMap(({ type, name, inputs }) => {
            const resource = schema().resources[type];
            if (resource === undefined) return [`${name}: there is no ${type}`];
            const plain = plainInputs(inputs) as Record<string, unknown>;
            return checkInputs(resource, schema().types, plain).map((text) => `${name} (${type}): ${text}`);
          });
          assert.deepEqual(complaints, []);
        });
        it(`${stack}: the plug-in knows every ${provider} function that is asked`, () => {
          assert.ok(declared);
          const complaints = declared.calls
            .filter(({ token }) => token.startsWith(`${provider}:`))
            .flatMap(({ token, inputs }) => {
              const asked = schema().functions[token];
              if (asked === undefined) return [`there is no ${token}`];
              const plain = plainInputs(inputs) as Record<string, unknown>;
              return checkInputs(asked, schema().types, plain).map((text) => `${token}: ${text}`);
            });
          assert.deepEqual(complaints, []);
        });
      });
    }

    it(`the lab's table of ${provider} has the official names, types, requirements and secrets`, () => {
      const table = loadTable(provider);
      const official = schema();
      const complaints = [
        ...Object.entries(table.resources).map((entry) => [...entry, official.resources] as const),
        ...Object.entries(table.functions).map((entry) => [...entry, official.functions] as const),
      ].flatMap(([token, ours, there]) => {
        const theirs = there[token];
        if (theirs === undefined) return [`there is officially no ${token}`];
        // Officially an output is everything that can be read back, the inputs with it.
        const only = Object.fromEntries(Object.entries(theirs.outputs).filter(([key]) => !(key in theirs.inputs)));
        const inputs = compareTables(
          { table: ours.inputs, types: table.types },
          { table: theirs.inputs, types: official.types },
          true,
        );
        const outputs = compareTables(
          { table: ours.outputs, types: table.types },
          { table: only, types: official.types },
          false,
        );
        return [...inputs, ...outputs, ...openSecrets(ours, theirs)].map((text) => `${token}: ${text}`);
      });
      assert.deepEqual(complaints, []);
    });
  });
}

type Sides = OfficialSchema["resources"][string];

/** Secrets of the official schema that the lab would leave in the clear. */
function openSecrets(ours: Sides, theirs: Sides): string[] {
  const mine = { ...ours.outputs, ...ours.inputs };
  return Object.entries({ ...theirs.outputs, ...theirs.inputs }).flatMap(([key, property]) =>
    property.secret === true && mine[key]?.secret !== true && mine[key] !== undefined
      ? [`${key} is officially a secret`]
      : [],
  );
}
