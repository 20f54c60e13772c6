// A state that cannot be written, that has lost the cluster's secrets, or that two runs want at the same moment.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOperatorScript } from "../../lab/operator/operator-machine.ts";
import { openRack } from "../../lab/rack/store.ts";
import { addMachine, BuiltHomelab, failed, MACHINE, succeeded } from "./support/built-homelab.ts";

describe("a state in trouble", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  it("that cannot be written stops the run, and the next one takes up what was made meanwhile", async () => {
    const { project } = homelab;
    project.edit((file) => addMachine(file));
    await project.prepare();
    await homelab.fault(`create *VmLegacy ${MACHINE}-vm`, { behaviour: "slow", ms: 3_000 });
    const up = project.pulumi(["up", "--yes", "--skip-preview"]);
    while (!(await homelab.callsSince(0)).some((entry) => entry.name === `${MACHINE}-vm`))
      await new Promise((resolve) => setTimeout(resolve, 100));
    // Nothing can be renamed to a folder that holds something.
    const file = join(project.directory, ".lab", "state", ".pulumi", "stacks", "homelab", "lab.json");
    renameSync(file, `${file}.kept`);
    mkdirSync(file);
    writeFileSync(join(file, "in-the-way"), "");
    failed(await up, /error: .*(save|writ|renam|snapshot)/i);
    rmSync(file, { recursive: true });
    renameSync(`${file}.kept`, file);
    await project.settle();
    succeeded(await project.up());
    assert.equal((await homelab.machines()).filter((machine) => machine.startsWith("8004")).length, 1);
    succeeded(await project.up("--expect-no-changes"));
  });

  it("is written by one of two runs that start together; the other says who has it", async () => {
    const { project } = homelab;
    project.edit((file) => addMachine(file));
    await project.prepare();
    const runs = await Promise.all([1, 2].map(() => project.pulumi(["up", "--yes", "--skip-preview"])));
    const [won, lost] = runs.sort((a, b) => a.code - b.code);
    assert.ok(won && lost);
    succeeded(won);
    failed(lost, /the stack is currently locked by 1 lock\(s\)/);
    const made = (await homelab.callsSince(0)).filter(
      (entry) => entry.operation === "create" && entry.name === `${MACHINE}-vm`,
    );
    assert.equal(made.length, 1);
  });

  it("without the secrets of a cluster that lives touches no node, and gets them back from a control plane", async () => {
    const { project } = homelab;
    succeeded(await project.pulumi(["config", "set", "homelab:protect", "true"]));
    succeeded(await project.up());
    const { talosconfig } = await project.outputs();
    const known = await configurations();
    await forget("talos-secrets-secrets");
    const run = failed(await project.up(), /a cluster with other secrets lives at 10\.8\.16\.20; no node was changed/);
    assert.deepEqual(
      run.operations.filter((operation) => /-vm$|-configuration$|bootstrap/.test(operation)),
      [],
    );
    assert.deepEqual(await configurations(), known);
    const secrets = await onThisMachine(
      [
        `printf '%s' "$TEXT" >/tmp/talosconfig`,
        "talosctl -n 10.8.16.20 get machineconfig v1alpha1 -o jsonpath='{.spec}' > /tmp/controlplane.yaml",
        "talosctl gen secrets --from-controlplane-config /tmp/controlplane.yaml -o /tmp/secrets.yaml",
        "cat /tmp/secrets.yaml",
      ].join("\n"),
      { TEXT: String(talosconfig), TALOSCONFIG: "/tmp/talosconfig" },
    );
    writeFileSync(join(project.directory, "secrets.yaml"), secrets);
    succeeded(await project.pulumi(["config", "set", "homelab:talosSecretsFile", "secrets.yaml"]));
    // The run that failed made secrets of its own, and protected them; they give way all the same.
    assert.deepEqual(await protection(), [true]);
    succeeded(await project.up());
    assert.deepEqual(await configurations(), known);
    assert.deepEqual(await protection(), [true]);
    succeeded(await project.pulumi(["config", "rm", "homelab:talosSecretsFile"]));
    succeeded(await project.up("--expect-no-changes"));
  });

  /** Whether the secrets in the state are protected: one value for each resource that has some. */
  const protection = async () =>
    (await homelab.project.resources())
      .filter(({ urn }) => urn.endsWith("::talos-secrets-secrets"))
      .map(({ protect }) => protect);

  /** What a script on the machine that Pulumi runs on prints. */
  const onThisMachine = (script: string, environment: Record<string, string>): Promise<string> =>
    homelab.project.inRack(async () => {
      const rack = openRack("lab");
      try {
        return (await runOperatorScript(rack, { script, environment })).stdout;
      } finally {
        rack.close();
      }
    });

  /** Configuration of each node. */
  const configurations = (): Promise<string[]> =>
    homelab.project.rack((rack) =>
      rack
        .collection<{ configuration: string }>("talos")
        .list()
        .map(({ body }) => body.configuration),
    );

  /** Takes a resource out of the state as if it had never been there, and leaves the rack as it is. */
  async function forget(name: string): Promise<void> {
    const { project } = homelab;
    const urn = await homelab.urnOf(name);
    const file = join(project.directory, "state.json");
    succeeded(await project.pulumi(["stack", "export", "--file", file]));
    const state = JSON.parse(readFileSync(file, "utf8")) as { deployment: { resources: Exported[] } };
    const others = (urns: readonly string[] = []) => urns.filter((other) => other !== urn);
    state.deployment.resources = state.deployment.resources
      .filter((resource) => resource.urn !== urn)
      .map((resource) => ({
        ...resource,
        dependencies: others(resource.dependencies),
        propertyDependencies: Object.fromEntries(
          Object.entries(resource.propertyDependencies ?? {}).map(([key, urns]) => [key, others(urns)]),
        ),
      }));
    writeFileSync(file, JSON.stringify(state));
    succeeded(await project.pulumi(["stack", "import", "--file", file]));
  }
});

interface Exported {
  readonly urn: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}
