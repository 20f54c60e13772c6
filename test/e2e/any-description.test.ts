// Any description that the schema allows comes up as the homelab does, stays as it is, and goes away again. RUNS=20 SEED=7 npm test -- <this file>
// tries more of them, or the same again.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { anyEnvironment } from "../support/any-environment.ts";
import { rawEnvironment } from "../support/configs.ts";
import { succeeded } from "./support/built-homelab.ts";
import { Project } from "./support/project.ts";

const seed = Number(process.env["SEED"] ?? randomInt(1_000_000));
const runs = Number(process.env["RUNS"] ?? 2);
/** Racks of test/fixtures/valid beside the drawn ones. */
const named = (process.env["RACKS"] ?? "five-hosts,vip,four-in-a-ring").split(",").filter((name) => name !== "");

describe("a description of another rack", () => {
  const cases: [string, unknown][] = [
    ...named.map((name): [string, unknown] => [name, rawEnvironment(name)]),
    ...fc
      .sample(anyEnvironment, { numRuns: runs, seed })
      .map((environment, index): [string, unknown] => [`number ${index + 1} of SEED=${seed}`, environment]),
  ];
  for (const [name, environment] of cases) {
    it(`comes up, stays, and goes away: ${name}`, async () => {
      const isMetal = (environment as { platform: string }).platform === "metal";
      const stack = isMetal ? "ms01" : "homelab";
      const project = await Project.open(isMetal ? "ms01-lab" : "lab");
      try {
        project.edit((file) => file.setIn(["config", "homelab:environment"], environment), stack);
        await bringUp(project);
        succeeded(await project.up("--expect-no-changes"));
        succeeded(await project.destroy());
        const { vms, talos, kubernetes, etcd, addresses } = await project.status();
        // On the metal Talos stays on its disk, as the installer's host does under it elsewhere: what the cluster ran is gone.
        const ran = kubernetes.flatMap((cluster) => [cluster.services, cluster.workloads, cluster.claims]).flat();
        if (isMetal) assert.deepEqual(ran, []);
        else assert.deepEqual([vms, talos, kubernetes, etcd, addresses], [[], [], [], [], []]);
      } catch (error) {
        throw new Error(`${name}: ${JSON.stringify(environment)}`, { cause: error });
      } finally {
        await project.close();
      }
    });
  }
});

/** Builds it, and looks at the rack: every node is Ready, every service and every name leads to something that lives. */
async function bringUp(project: Project): Promise<void> {
  succeeded(await project.up());
  const status = await project.status();
  const waiting = status.kubernetes.flatMap((cluster) => cluster.nodes.filter((node) => !node.isReady));
  assert.deepEqual(waiting, []);
  assert.ok(status.kubernetes.some((cluster) => cluster.nodes.length > 0));
  assert.deepEqual(
    status.addresses.filter(({ reachable }) => !reachable),
    [],
  );
  assert.deepEqual(
    status.dns.filter(({ alive }) => !alive),
    [],
  );
}
