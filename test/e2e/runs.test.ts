// Runs that are interrupted, that meet each other, or that find their own state or tools not as they left them.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureEngine } from "../../tools/engine/engine.ts";
import { stateLocks } from "../../tools/engine/state-lock.ts";
import { addMachine, BuiltHomelab, failed, MACHINE, operationsOn, succeeded } from "./support/built-homelab.ts";

describe("a run that is not alone, or does not end", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(async () => {
    await homelab.restore();
    homelab.project.edit((file) => addMachine(file));
  });
  after(() => homelab?.close());

  const stateFolder = () => join(homelab.project.directory, ".lab", "state");
  const locks = () => stateLocks(stateFolder(), "homelab", "lab");

  /** Starts an `up`, and comes back when a call of that name has begun. */
  async function startUntil(name: string): Promise<{ up: ChildProcess; ended: Promise<unknown> }> {
    const { project } = homelab;
    await project.prepare();
    const last = await homelab.lastCall();
    const { pulumi } = await ensureEngine();
    const up = spawn(pulumi, ["up", "--yes", "--skip-preview", "--non-interactive"], {
      cwd: project.directory,
      env: project.environment,
      stdio: "ignore",
    });
    const ended = once(up, "close");
    while (!(await homelab.callsSince(last)).some((entry) => entry.name === name)) {
      assert.equal(up.exitCode, null, `the run ended before ${name}`);
      await sleep(50);
    }
    return { up, ended };
  }

  it("ends the call it is in when it is interrupted once, and leaves neither a lock nor anything half done", async () => {
    await homelab.fault(`create *VmLegacy ${MACHINE}-vm`, { behaviour: "late", ms: 60_000 });
    const { up, ended } = await startUntil(`${MACHINE}-vm`);
    up.kill("SIGINT");
    await ended;
    assert.notEqual(up.exitCode, 0);
    assert.deepEqual(locks(), []);
    const { output } = await homelab.project.pulumi(["stack", "export"]);
    assert.doesNotMatch(output, /pending_operations": \[\s*\{/);
    const run = succeeded(await homelab.project.up());
    const again = (await homelab.machines()).filter((machine) => machine.startsWith("8004"));
    assert.deepEqual(again, ["8004 talos-k8s-04"], run.output);
  });

  it("keeps a second one out by name, and lets a preview look on", async () => {
    await homelab.fault(`create *VmLegacy ${MACHINE}-vm`, { behaviour: "slow", ms: 300_000 });
    const { up, ended } = await startUntil(`${MACHINE}-vm`);
    const [second, preview] = await Promise.all([
      homelab.project.pulumi(["up", "--yes", "--skip-preview"]),
      homelab.project.pulumi(["preview"]),
    ]);
    failed(second, /the stack is currently locked by 1 lock\(s\)[\s\S]*pid \d+/);
    succeeded(preview);
    await assert.rejects(homelab.project.settle(), /stack lab is in use by process \d+/);
    up.kill("SIGINT");
    await ended;
    succeeded(await homelab.project.up());
    const made = (await homelab.callsSince(0)).filter(
      (entry) => entry.operation === "create" && entry.name === `${MACHINE}-vm` && entry.outcome === "ok",
    );
    assert.equal(made.length, 1);
  });

  it("is freed from the lock of a dead one, and not from one of another machine", async () => {
    const folder = join(stateFolder(), ".pulumi", "locks", "organization", "homelab", "lab");
    const leave = (pid: number, host: string) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        join(folder, "left.json"),
        JSON.stringify({ pid, username: "ada", hostname: host, timestamp: "2026-01-01T00:00:00Z" }),
      );
    };
    const dead = spawn("true");
    await once(dead, "close");
    leave(dead.pid ?? 0, hostname());
    failed(
      await homelab.project.preview().then(() => homelab.project.pulumi(["up", "--yes", "--skip-preview"])),
      /currently locked/,
    );
    await homelab.project.settle();
    assert.deepEqual(locks(), []);
    leave(1, "another-machine");
    await assert.rejects(homelab.project.settle(), /in use by process 1 on another-machine/);
    const cancelled = await homelab.project.pulumi(["cancel", "--yes"]);
    assert.equal(cancelled.code, 0, cancelled.output);
    assert.deepEqual(locks(), []);
  });

  it("goes on from the backup when its state was cut off while it was written", async () => {
    const file = join(stateFolder(), ".pulumi", "stacks", "homelab", "lab.json");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.slice(0, whole.length / 2));
    assert.ok(existsSync(`${file}.bak`));
    failed(await homelab.project.preview(), /error/);
    await homelab.project.settle();
    succeeded(await homelab.project.up());
    assert.equal((await homelab.machines()).length, 4);
  });

  it("takes up a cluster that was started the moment before it was killed", async () => {
    const fresh = await BuiltHomelab.open("prepared");
    try {
      await fresh.fault("create *Bootstrap talos-bootstrap", { behaviour: "late", ms: 60_000 });
      const { pulumi } = await ensureEngine();
      const { project } = fresh;
      const up = spawn(pulumi, ["up", "--yes", "--skip-preview", "--non-interactive"], {
        cwd: project.directory,
        env: project.environment,
        stdio: "ignore",
      });
      const ended = once(up, "close");
      const isStarted = async () =>
        (await fresh.callsSince(0)).some((entry) => entry.name === "talos-bootstrap" && entry.outcome === "ok");
      while (!(await isStarted())) await sleep(50);
      up.kill("SIGKILL");
      await ended;
      await project.settle();
      succeeded(await project.up());
      succeeded(await project.up("--expect-no-changes"));
      const starts = (await fresh.callsSince(0)).filter(
        (entry) => entry.name === "talos-bootstrap" && entry.operation === "create",
      );
      assert.equal(starts.length, 1);
    } finally {
      await fresh.close();
    }
  });

  it("is settled by hand, as on real hardware: the lock taken away, the pending creation forgotten, the machine imported", async () => {
    const { project } = homelab;
    await homelab.fault(`create *VmLegacy ${MACHINE}-vm`, { behaviour: "late", ms: 60_000 });
    const { up, ended } = await startUntil(`${MACHINE}-vm`);
    while (!(await homelab.machines()).includes(`8004 ${MACHINE}`)) await sleep(50);
    up.kill("SIGKILL");
    await ended;
    const done = async (...words: string[]): Promise<string> => succeeded(await project.pulumi(words)).output;
    await done("cancel", "--yes");
    await done("refresh", "--clear-pending-creates", "--yes", "--skip-preview");
    assert.doesNotMatch(await done("stack", "export"), /pending_operations": \[\s*\{/);
    const names = [
      "--parent",
      `parent=${await homelab.urnOf(MACHINE)}`,
      "--provider",
      `provider=${await homelab.urnOf("proxmox")}`,
    ];
    const flags = ["--protect=false", "--generate-code=false", "--yes", "--skip-preview"];
    await done("import", "proxmoxve:index/vmLegacy:VmLegacy", `${MACHINE}-vm`, "pve-aimax-01/8004", ...names, ...flags);
    assert.deepEqual(operationsOn(succeeded(await project.up()), `${MACHINE}-vm`), [`update ${MACHINE}-vm`]);
  });

  it("does not start a cluster twice when the answer was lost: the run stops, and an import takes it in", async () => {
    const fresh = await BuiltHomelab.open("prepared");
    try {
      const { project } = fresh;
      await fresh.fault("create *Bootstrap talos-bootstrap", { behaviour: "answer-lost" });
      // The plug-in asks again by itself, and then takes the answer for one that may still change.
      failed(await project.up(), /talos-bootstrap\):\s+error: .*AlreadyExists desc = etcd data directory is not empty/);
      const all = await project.resources();
      const ofType = (token: string): string => all.find(({ type }) => type === token)?.urn ?? "";
      const provider = ofType("pulumi:providers:talos");
      const names = [
        "--parent",
        `parent=${ofType("homelab:kubernetes:TalosCluster")}`,
        "--provider",
        `provider=${provider}`,
      ];
      const flags = ["--protect=false", "--generate-code=false", "--yes", "--skip-preview"];
      succeeded(
        await project.pulumi([
          "import",
          "talos:machine/bootstrap:Bootstrap",
          "talos-bootstrap",
          "machine_bootstrap",
          ...names,
          ...flags,
        ]),
      );
      succeeded(await project.up());
      succeeded(await project.up("--expect-no-changes"));
    } finally {
      await fresh.close();
    }
  });

  it("with a wrong passphrase asks nothing of anybody", async () => {
    const { project } = homelab;
    const last = await homelab.lastCall();
    const run = await project.pulumi(["up", "--yes", "--skip-preview"], {
      ...project.environment,
      PULUMI_CONFIG_PASSPHRASE: "wrong",
    });
    failed(run, /incorrect passphrase/);
    assert.deepEqual(await homelab.callsSince(last), []);
  });

  it("with a plug-in missing names it and its version, before anything changes", async () => {
    const { project } = homelab;
    await project.prepare();
    const plugins = join(project.directory, ".lab", "pulumi", "plugins");
    const [found] = readdirSync(plugins).filter((name) => name.startsWith("resource-talos-"));
    assert.ok(found);
    const last = await homelab.lastCall();
    const backup = readFileSync(join(plugins, found, "pulumi-resource-talos"), "utf8");
    rmSync(join(plugins, found), { recursive: true });
    try {
      const run = failed(await project.pulumi(["up", "--yes", "--skip-preview"], project.environment), /talos/);
      assert.match(run.output, new RegExp(`talos.*${found.replace("resource-talos-v", "").replaceAll(".", "\\.")}`));
      assert.deepEqual(operationsOn(run, "-vm", "-configuration"), []);
      assert.deepEqual(
        (await homelab.callsSince(last)).filter((entry) => ["create", "update", "delete"].includes(entry.operation)),
        [],
      );
    } finally {
      mkdirSync(join(plugins, found));
      writeFileSync(join(plugins, found, "pulumi-resource-talos"), backup, { mode: 0o755 });
    }
  });
});
