// Whatever is changed in the description, but for the names and places of the things themselves, what holds data or identity is neither
// deleted nor replaced. RUNS=50 SEED=7 tries more changes, or the same again.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { parseEnvironment } from "../../config/stack-file.ts";
import { diffInputs } from "../../lab/plugin/diff.ts";
import { loadTable } from "../../lab/plugin/table.ts";
import type { Properties } from "../../lab/plugin/wire.ts";
import { REPLACEMENTS } from "../../lab/tables/replacements.ts";
import type { Plan } from "../../plan/plan.ts";
import { planEnvironment } from "../../plan/plan-environment.ts";
import { rawEnvironment } from "../support/configs.ts";
import { declareHomelab } from "../support/declared-homelab.ts";
import { homelabPlan } from "../support/homelab-plan.ts";
import { type Leaf, leavesOf, withLeaf } from "../support/leaves.ts";

const table = loadTable("proxmoxve");
/** Another host is another machine, unless it is told to migrate. */
const rules: Readonly<Record<string, readonly string[]>> = {
  ...REPLACEMENTS,
  "proxmoxve:index/vmLegacy:VmLegacy": [...(REPLACEMENTS["proxmoxve:index/vmLegacy:VmLegacy"] ?? []), "nodeName"],
};
/** Places of things, and the names by which the outside knows them: to change these is to ask for another thing. */
const isIdentity = /^(nodes\.[^.]+\.(host|vm\.id|vm\.datastore)|hosts\.[^.]+\.disks\.|ceph\.pool\.name)/;

/** Another value of the same kind: its neighbour as a number or an address, or what stands elsewhere in the description. */
function otherValue(value: unknown, draw: number, all: readonly Leaf[]): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1 + (draw % 4);
  const address = /^(.*\.)(\d+)$/.exec(String(value));
  if (address && draw % 2 === 0) return `${address[1]}${Number(address[2]) + 40 + (draw % 50)}`;
  return all[draw % all.length]?.[1];
}

/** Changes that the plan accepts. */
function acceptedChanges(seed: number, count: number): { path: string; value: unknown; plan: Plan }[] {
  const raw = rawEnvironment();
  const all = leavesOf(raw);
  const found = new Map<string, { path: string; value: unknown; plan: Plan }>();
  for (const [at, draw] of fc.sample(fc.tuple(fc.nat(), fc.nat()), { numRuns: 3_000, seed })) {
    if (found.size >= count) break;
    const [path, before] = all[at % all.length] ?? [[], undefined];
    const value = otherValue(before, draw, all);
    if (isIdentity.test(path.join(".")) || value === before || found.has(path.join("."))) continue;
    const { environment } = parseEnvironment(withLeaf(raw, path, value));
    if (environment === undefined) continue;
    const { plan, problems } = planEnvironment(environment);
    if (problems.some(({ severity }) => severity === "error")) continue;
    found.set(path.join("."), { path: path.join("."), value, plan });
  }
  return [...found.values()];
}

describe("what holds data or identity", function () {
  this.timeout(180_000);
  after(() => pulumi.runtime.setAllConfig({}));

  it("survives any change of the description", async () => {
    const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
    const changes = acceptedChanges(seed, Number(process.env["RUNS"] ?? 10));
    assert.ok(changes.length >= 10, `only ${changes.length} changes were accepted; that proves little`);
    const before = (await declareHomelab(homelabPlan())).resources.filter(({ protect }) => protect);
    assert.ok(before.length > 5);
    for (const { path, value, plan } of changes) {
      const after = await declareHomelab(plan);
      for (const { name, type, inputs } of before) {
        const what = `${path} = ${String(value)} (SEED=${seed}): ${name}`;
        const kept = after.resources.find((resource) => resource.name === name);
        assert.ok(kept, `${what} would be deleted`);
        const found = diffInputs(
          table,
          table.resources[type],
          rules[type] ?? [],
          inputs as Properties,
          kept.inputs as Properties,
        );
        assert.deepEqual(
          found.filter(({ replaces }) => replaces).map((change) => change.path),
          [],
          `${what} would be replaced`,
        );
      }
    }
  });
});
