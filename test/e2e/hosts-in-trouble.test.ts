// Hosts that fail, restart, or would lose their way while they are being set up.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { hostKeyOf } from "../../lab/host/ssh.ts";
import { linksOf } from "../../lab/rack/links.ts";
import { addMachine, BuiltHomelab, failed, operationsOn, succeeded } from "./support/built-homelab.ts";
import { at } from "./support/project.ts";

const HOSTS = ["pve-aimax-01", "pve-ms01-01", "pve-ms01-02"];

describe("hosts that are being set up", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open("prepared");
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  it("stop the run at once when the API token is refused in the middle, and go on with a valid one", async () => {
    const { project } = homelab;
    const text = "received an HTTP 401 response - Reason: authentication failure";
    await homelab.fault("create proxmoxve:network*", { text, remaining: -1 });
    failed(await project.up(), /pve-aimax-01-bond0-bond\):\s+error: .*HTTP 401 response/);
    const refused = (await homelab.callsSince(0)).filter((entry) => entry.outcome === "fault");
    assert.deepEqual(
      refused.map((entry) => entry.name),
      ["pve-aimax-01-bond0-bond"],
      "one call, no storm of retries",
    );
    await homelab.noFaults();
    succeeded(await project.up());
    succeeded(await project.up("--expect-no-changes"));
  });

  it("wait for a host that is restarting, and for a reload that does not come through at once", async () => {
    const { project } = homelab;
    await homelab.lab("power off pve-ms01-02");
    await homelab.fault("create *network*Bond pve-ms01-01-bond0-bond", {
      text: "error reloading network: exit code 89",
    });
    const up = project.up();
    const joined = async () =>
      (await homelab.callsSince(0)).some((entry) => entry.name === "pve-ms01-02-management-interfaces");
    while (!(await joined())) await new Promise((resolve) => setTimeout(resolve, 100));
    await homelab.lab("power on pve-ms01-02");
    succeeded(await up);
  });

  it("are none of them taken on when one of them is dark: what needs it waits, and the next run ends it", async () => {
    const { project } = homelab;
    await homelab.lab("power off pve-ms01-01");
    failed(await project.up(), /pve-ms01-01-management-interfaces\):\s+error: .*pve-ms01-01 is switched off/);
    const names = (await homelab.callsSince(0))
      .filter((entry) => entry.operation === "create")
      .map((entry) => entry.name);
    assert.deepEqual(
      names.filter((name) => name.endsWith("-interfaces")),
      ["pve-aimax-01-management-interfaces", "pve-ms01-01-management-interfaces"],
    );
    assert.deepEqual(
      names.filter((name) => /-vm$|^ceph|^cluster/.test(name)),
      [],
    );
    await homelab.lab("power on pve-ms01-01");
    succeeded(await project.up());
  });
});

describe("hosts that run", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  /** The bridge moves to a NIC that nobody has plugged in: right in the description, wrong in the rack. */
  function moveBridges(file: Document): void {
    for (const [index, host] of HOSTS.entries()) {
      const old = host === "pve-aimax-01" ? "eno1" : "enp87s0";
      const ports = at("switches.usw-enterprise-8-poe-server.ports");
      const port = ["4", "2", "3"][index] ?? "";
      file.setIn([...at(`hosts.${host}.nics`), "enp90s0"], { speedMbps: 2500 });
      file.setIn([...ports, port, "nic"], "enp90s0");
      file.deleteIn([...at(`hosts.${host}.nics`), old]);
      file.setIn(at(`hosts.${host}.bridges.vmbr0.ports`), ["enp90s0"]);
    }
  }

  it("keep their network when a new one would cut them off: the first goes back by itself, the others are not touched", async () => {
    const { project } = homelab;
    const before = await project.rack((rack) => HOSTS.map((host) => linksOf(rack, host)));
    const last = await homelab.lastCall();
    project.edit(moveBridges);
    // Without preparing the rack: the hardware stays as it is.
    const run = await project.pulumi(["up", "--yes", "--skip-preview"]);
    failed(
      run,
      /pve-aimax-01-management-interfaces\):\s+error: [\s\S]*pve-aimax-01, management network: put the former network back/,
    );
    const touched = (await homelab.callsSince(last)).filter(
      (entry) => entry.operation === "update" && entry.token.startsWith("command:remote"),
    );
    assert.deepEqual(
      touched.map((entry) => entry.name),
      ["pve-aimax-01-management-interfaces"],
    );
    assert.deepEqual(await project.rack((rack) => HOSTS.map((host) => linksOf(rack, host))), before);
    assert.deepEqual(
      (await project.status()).hosts.map((host) => host.reachable),
      [true, true, true],
    );
  });

  it("do not keep the others from getting machines when one of them is off; what needs it says so", async () => {
    const { project } = homelab;
    await homelab.lab("power off pve-ms01-02");
    succeeded(await project.preview());
    project.edit((file) => addMachine(file));
    const run = failed(await project.up(), /No route to host \(from pve-aimax-01 to pve-ms01-02\)|10\.8\.16\.21/);
    assert.deepEqual(operationsOn(run, "talos-k8s-04-vm"), ["create talos-k8s-04-vm"]);
    assert.deepEqual(operationsOn(run, "cilium", "metallb"), []);
    await homelab.lab("power on pve-ms01-02");
    succeeded(await project.up());
  });

  it("change nothing at all when most of them are off, and say so", async () => {
    const { project } = homelab;
    for (const host of ["pve-ms01-01", "pve-ms01-02"]) await homelab.lab(`power off ${host}`);
    project.edit((file) => addMachine(file));
    const last = await homelab.lastCall();
    failed(await project.up(), /cluster not ready - no quorum\?|Read-only|Permission denied|no quorum/);
    const changed = (await homelab.callsSince(last)).filter(
      (entry) =>
        entry.outcome === "ok" &&
        /^(create|update|delete)$/.test(entry.operation) &&
        entry.token.startsWith("proxmoxve:"),
    );
    assert.deepEqual(
      changed.map(({ name }) => name),
      [],
    );
    for (const host of ["pve-ms01-01", "pve-ms01-02"]) await homelab.lab(`power on ${host}`);
    succeeded(await project.up());
  });

  it("leave the other machines of a failed one's tier finished, and later tiers untouched", async () => {
    const { project } = homelab;
    project.edit((file) => {
      addMachine(file);
      addMachine(file, 5, { host: "pve-ms01-02" });
    });
    await homelab.fault("create *VmLegacy talos-k8s-04-vm", {
      text: "received an HTTP 596 response - Reason: Broken pipe",
      remaining: -1,
    });
    await homelab.fault("create *VmLegacy talos-k8s-05-vm", { behaviour: "slow", ms: 1_000 });
    const run = failed(
      await project.up(),
      /talos-k8s-04-vm\):\s+error: received an HTTP 596 response - Reason: Broken pipe/,
    );
    assert.deepEqual((await homelab.machines()).slice(3), ["8005 talos-k8s-05"]);
    assert.deepEqual(operationsOn(run, "cilium", "metallb", "ceph-csi"), []);
    await homelab.noFaults();
    succeeded(await project.up());
    assert.deepEqual((await homelab.machines()).slice(3), ["8004 talos-k8s-04", "8005 talos-k8s-05"]);
  });

  it("are refused when one shows another key than the one that is known", async () => {
    const { project } = homelab;
    const keys = await project.rack((rack) => Object.fromEntries(HOSTS.map((host) => [host, hostKeyOf(rack, host)])));
    const set = (value: object) => (file: Document) => file.setIn(["config", "homelab:sshHostKeys"], value);
    project.edit(set({ ...keys, "pve-aimax-01": keys["pve-ms01-01"] }), "lab");
    const last = await homelab.lastCall();
    failed(await project.up(), /error: .*ssh: handshake failed: ssh: host key mismatch/);
    const done = (await homelab.callsSince(last)).filter(
      (entry) => entry.outcome === "ok" && entry.operation === "update",
    );
    assert.deepEqual(
      done.filter((entry) => entry.name.startsWith("pve-aimax-01")),
      [],
    );
    project.edit(set(keys), "lab");
    succeeded(await project.up());
  });
});
