// What a person gets told, and that nothing was touched when it is told.
import assert from "node:assert/strict";
import type { Document } from "yaml";
import { at, Project } from "./support/project.ts";

describe("a description with mistakes", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("lab");
    await project.prepare();
  });
  after(() => project?.close());

  it("gets all of them at once, with path and line, and nothing is registered", async () => {
    project.edit((file: Document) => {
      file.setIn(at("nodes.talos-k8s-01.addresses.workload"), "10.8.28.1");
      file.setIn(at("vlans.storage.prefix"), "10.0.400.0/24");
      file.deleteIn(at("nodes.talos-k8s-03"));
    });
    const run = await project.pulumi(["preview"]);
    assert.notEqual(run.code, 0);
    assert.match(run.output, /Pulumi\.homelab\.yaml was refused with \d+ errors; nothing was changed/);
    assert.match(
      run.output,
      /nodes\.talos-k8s-01\.addresses\.workload \(line \d+\): 10\.8\.28\.1 of talos-k8s-01 is also the address of the router/,
    );
    assert.match(
      run.output,
      /vlans\.storage\.prefix \(line \d+\): .*400 is more than 255; a VLAN id may be 400 but an octet may not: use e\.g\. 10\.0\.40\.0/,
    );
    assert.match(run.output, /\[control-planes-even\]/);
    assert.doesNotMatch(run.output, /\n +at /, "a person's mistake needs no stack trace");
    assert.deepEqual(
      run.operations.filter((op) => !op.endsWith(" homelab-lab")),
      [],
    );
    assert.deepEqual(
      (await project.journal()).filter((entry) => entry.operation === "create" || entry.operation === "update"),
      [],
    );
  });
});

describe("a stack on real hardware", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("homelab");
  });
  after(() => project?.close());

  const preview = () => project.pulumi(["preview"]);

  it("without its secrets names both and the commands that set them", async () => {
    const run = await preview();
    assert.notEqual(run.code, 0);
    assert.match(
      run.output,
      /the Proxmox API token is not set; run: pulumi config set --secret homelab:proxmoxApiToken/,
    );
    assert.match(
      run.output,
      /the SSH key for root on the hosts is not set; run: pulumi config set --secret homelab:sshPrivateKey/,
    );
  });

  it("with no rack in reach fails for that reason only, and says what to do", async () => {
    for (const [key, value] of [
      ["proxmoxApiToken", "root@pam!test=0"],
      ["sshPrivateKey", "key"],
    ]) {
      const set = await project.pulumi(["config", "set", "--secret", `homelab:${key}`, `${value}`]);
      assert.equal(set.code, 0, set.output);
    }
    // A closed port of this machine stands for the rack that is not there.
    await project.pulumi(["config", "set", "homelab:proxmoxEndpoint", "https://127.0.0.1:1/"]);
    const run = await preview();
    assert.notEqual(run.code, 0);
    assert.match(run.output, /https:\/\/127\.0\.0\.1:1\/: the Proxmox API does not answer \(connect ECONNREFUSED/);
    assert.match(run.output, /is this machine on the management network\? To rehearse without a rack: npm run up/);
    assert.equal([...run.output.matchAll(/\[[a-z-]+\]$/gm)].length, 1);
  });

  it("never runs on the lab's plug-ins", async () => {
    await project.pulumi(["config", "set", "homelab:proxmoxEndpoint", "https://127.0.0.1:1/"]);
    const run = await project.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(run.code, 0);
    assert.deepEqual(
      (await project.resources()).filter((resource) => resource.custom),
      [],
    );
  });

  it("without a passphrase says which variable is missing", async () => {
    const without = { ...project.environment };
    delete without["PULUMI_CONFIG_PASSPHRASE"];
    const run = await project.pulumi(["preview"], without);
    assert.notEqual(run.code, 0);
    assert.match(run.output, /PULUMI_CONFIG_PASSPHRASE/);
  });
});
