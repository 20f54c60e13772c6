// Calls that go wrong between the program and the rack: what a person sees, and that the next run ends it well.
import assert from "node:assert/strict";
import { connect } from "../../lab/rack/kubernetes/api-server.ts";
import { applyObject } from "../../lab/rack/kubernetes/changes.ts";
import { GIB, storages, usedBytes } from "../../lab/rack/storage.ts";
import { vms } from "../../lab/rack/vms.ts";
import { addMachine, BuiltHomelab, failed, MACHINE, operationsOn, succeeded } from "./support/built-homelab.ts";
import { at } from "./support/project.ts";

const VM = `create *VmLegacy ${MACHINE}-vm`;
const FOUR = ["8001 talos-k8s-01", "8002 talos-k8s-02", "8003 talos-k8s-03", "8004 talos-k8s-04"];

describe("a machine that is added while calls go wrong", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(async () => {
    await homelab.restore();
    homelab.project.edit((file) => addMachine(file));
  });
  after(() => homelab?.close());

  const up = () => homelab.project.up();

  it("comes up in the same run when Proxmox is short of a lock and Kubernetes is busy for a moment", async () => {
    await homelab.fault(VM, {
      text: "received an HTTP 500 response - Reason: can't lock file '/var/lock/qemu-server/lock-8004.conf' - got timeout",
    });
    await homelab.fault("update *helm*Release cilium-release", {
      text: "the server has received too many requests (429 Too Many Requests)",
      remaining: 3,
    });
    await homelab.fault("create *ConfigurationApply *", { behaviour: "slow", ms: 500 });
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("fails by its name when the lock never comes free, and is made once by the next run", async () => {
    await homelab.fault(VM, {
      text: "received an HTTP 500 response - Reason: can't lock file - got timeout",
      remaining: -1,
    });
    failed(await up(), /VmLegacy \(talos-k8s-04-vm\):\s+error: .*can't lock file - got timeout/);
    assert.deepEqual(await homelab.machines(), FOUR.slice(0, 3));
    await homelab.noFaults();
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("fails by its name when the task never ends, and is made by the next run", async () => {
    await homelab.fault(VM, { behaviour: "hang" });
    failed(await up(), /talos-k8s-04-vm\):\s+error: .*timeout while waiting for task/);
    assert.deepEqual(await homelab.machines(), FOUR.slice(0, 3));
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("is not made twice when the answer was lost: the next run stops, and an import takes the machine in", async () => {
    await homelab.fault(VM, { behaviour: "answer-lost" });
    failed(await up(), /talos-k8s-04-vm\):\s+error: unexpected EOF/);
    failed(await up(), /unable to create VM 8004: VM 8004 already exists on node 'pve-aimax-01'/);
    assert.deepEqual(await homelab.machines(), FOUR);
    const names = [
      `parent=${await homelab.urnOf(MACHINE)}`,
      "--provider",
      `provider=${await homelab.urnOf("proxmox")}`,
    ];
    const flags = ["--protect=false", "--generate-code=false", "--yes", "--skip-preview"];
    const token = "proxmoxve:index/vmLegacy:VmLegacy";
    const imported = await homelab.project.pulumi([
      "import",
      token,
      `${MACHINE}-vm`,
      "pve-aimax-01/8004",
      "--parent",
      ...names,
      ...flags,
    ]);
    assert.equal(imported.code, 0, imported.output);
    const run = succeeded(await up());
    assert.deepEqual(operationsOn(run, `${MACHINE}-vm`), [`update ${MACHINE}-vm`]);
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("leaves somebody else's machine with the same id alone, whatever Proxmox answers", async () => {
    const nas = await homelab.project.rack((rack) => {
      const [like] = vms(rack).list();
      assert.ok(like);
      vms(rack).put("8004", {
        ...like.body,
        vmid: 8004,
        name: "nas",
        host: "pve-ms01-02",
        nics: [],
        addresses: [],
        disks: [],
        running: false,
      });
      return vms(rack).get("8004");
    });
    await homelab.fault(VM);
    const run = failed(
      await up(),
      /vm-ids-check\):\s+error: [\s\S]*ids are taken: 8004 on pve-ms01-02 is nas, not talos-k8s-04\./,
    );
    assert.deepEqual(operationsOn(run, `${MACHINE}-vm`), []);
    assert.deepEqual(await homelab.project.rack((rack) => vms(rack).get("8004")), nas);
    homelab.project.edit((file) => file.setIn(at(`nodes.${MACHINE}.vm.id`), 8014));
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), [...FOUR.slice(0, 3), "8004 nas", "8014 talos-k8s-04"]);
  });

  it("says which storage is full, leaves no half machine, and comes up once there is room", async () => {
    const { project } = homelab;
    await project.rack((rack) => {
      for (const { id, body } of storages(rack).list()) {
        if (!Object.keys(body.volumes).some((name) => name.includes("vm-800"))) continue;
        const sizeBytes = body.capacityBytes - usedBytes(body) - GIB;
        storages(rack).edit(id, ({ volumes }) => {
          volumes["backup-of-everything"] = { name: "backup-of-everything", content: "backup", sizeBytes };
        });
      }
    });
    failed(await up(), /talos-k8s-04-vm\):\s+error: .*not enough space for .*GiB needed, .*GiB free/);
    assert.deepEqual(await homelab.machines(), FOUR.slice(0, 3));
    await project.rack((rack) => {
      for (const { id } of storages(rack).list())
        storages(rack).edit(id, ({ volumes }) => {
          delete volumes["backup-of-everything"];
        });
    });
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("comes one after the other with another on its host, so that they do not wait for the same lock", async () => {
    homelab.project.edit((file) => addMachine(file, 5));
    await homelab.fault("create *VmLegacy talos-k8s-0*-vm", { behaviour: "slow", ms: 1_500, remaining: 2 });
    const last = await homelab.lastCall();
    succeeded(await up());
    const [one, other] = (await homelab.callsSince(last))
      .filter((entry) => entry.operation === "create" && entry.name.endsWith("-vm"))
      .sort((a, b) => a.startedAt - b.startedAt);
    assert.ok(one?.endedAt !== undefined && other !== undefined && one.endedAt <= other.startedAt);
    assert.deepEqual(await homelab.machines(), [...FOUR, "8005 talos-k8s-05"]);
  });

  it("is left alone while Proxmox backs it up, and changed by the next run", async () => {
    homelab.project.edit((file) => file.setIn(at("nodes.talos-k8s-03.vm.cores"), 6));
    await homelab.lab("drift vm-lock talos-k8s-03 backup");
    failed(await up(), /talos-k8s-03-vm\):\s+error: .*VM is locked \(backup\)/);
    await homelab.lab("drift vm-lock talos-k8s-03 off");
    succeeded(await up());
    assert.deepEqual(await homelab.machines(), FOUR);
  });

  it("is configured in the same run when the node dropped the link before it answered", async () => {
    await homelab.fault(`create *ConfigurationApply talos-${MACHINE}-configuration`, { behaviour: "answer-lost" });
    succeeded(await up());
    succeeded(await homelab.project.up("--expect-no-changes"));
  });

  it("is the only one that fails when a node does not answer in time", async () => {
    await homelab.fault(`create *ConfigurationApply talos-${MACHINE}-configuration`, { behaviour: "hang" });
    const run = failed(await up(), /talos-talos-k8s-04-configuration\):\s+error: context deadline exceeded/);
    assert.equal([...run.output.matchAll(/^ {4}error: (?!update failed)/gm)].length, 1, run.output);
    const wrong = (await homelab.callsSince(0)).filter((entry) => entry.outcome !== "ok");
    assert.deepEqual(
      wrong.map((entry) => entry.name),
      [`talos-${MACHINE}-configuration`],
    );
    succeeded(await up());
  });
});

describe("a run whose platform meets a Kubernetes API that is not as it should be", () => {
  let homelab: BuiltHomelab;
  before(async () => {
    homelab = await BuiltHomelab.open();
  });
  beforeEach(() => homelab.restore());
  after(() => homelab?.close());

  it("has waited for definitions and webhooks: nothing was refused on the way up", async () => {
    assert.deepEqual(
      (await homelab.callsSince(0)).filter((entry) => entry.outcome !== "ok"),
      [],
    );
    const creates = (await homelab.callsSince(0))
      .filter((entry) => entry.operation === "create")
      .map((entry) => entry.name);
    const order = ["metallb-release", "metallb-gate-job", "metallb-pool-default", "metallb-advertisement"];
    assert.deepEqual(
      creates.filter((name) => order.includes(name)),
      order,
    );
  });

  it("stops when somebody else owns a field, and names the field and the other", async () => {
    const project = homelab.project;
    const kubeconfig = String((await project.outputs())["kubeconfig"]);
    const metadata = { name: "eth1", namespace: "metallb-system" };
    const spec = { ipAddressPools: ["default", "mine"] };
    const advertisement = { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata, spec };
    await project.rack((rack) =>
      applyObject(connect(rack, kubeconfig), advertisement, { manager: "kubectl-edit", force: true }),
    );
    project.edit((file) => file.setIn(at("loadBalancer.pools.other"), { from: "10.8.28.100", to: "10.8.28.110" }));
    failed(
      await project.up(),
      /metallb-advertisement\):\s+error: [\s\S]*conflict with "kubectl-edit" using metallb\.io\/v1beta1: \.spec\.ipAddressPools/,
    );
  });

  it("goes on where it stopped when the API was away for a moment, and makes nothing twice", async () => {
    const project = homelab.project;
    project.edit((file) => file.setIn(at("loadBalancer.pools.default.to"), "10.8.31.190"));
    await homelab.fault("update *IPAddressPool metallb-pool-default", {
      text: "the server is currently unable to handle the request (503)",
    });
    failed(await project.up(), /metallb-pool-default\):\s+error: .*503/);
    succeeded(await project.up());
    succeeded(await project.up("--expect-no-changes"));
  });

  it("makes nothing twice when etcd changed its leader in the middle of it", async () => {
    const project = homelab.project;
    project.edit((file) => file.setIn(at("loadBalancer.pools.other"), { from: "10.8.28.100", to: "10.8.28.110" }));
    const text = "etcdserver: leader changed";
    await homelab.fault("create *IPAddressPool metallb-pool-other", { behaviour: "answer-lost", text });
    failed(await project.up(), /metallb-pool-other\):\s+error: .*leader changed/);
    succeeded(await project.up());
    succeeded(await project.up("--expect-no-changes"));
  });

  it("previews while the cluster is away; up fails there, and drops nothing from the state", async () => {
    const project = homelab.project;
    const known = (await project.resources()).length;
    await homelab.lab("power off talos-k8s-01");
    project.edit((file) => file.setIn(at("loadBalancer.pools.default.to"), "10.8.31.190"));
    assert.deepEqual(succeeded(await project.preview()).operations, [
      "update metallb",
      "update metallb-free-addresses",
      "update metallb-pool-default",
    ]);
    failed(await project.up(), /10\.8\.16\.20/);
    assert.equal((await project.resources()).length, known);
    await homelab.lab("power on talos-k8s-01");
    assert.deepEqual(operationsOn(succeeded(await project.up()), "metallb-pool"), ["update metallb-pool-default"]);
  });
});
