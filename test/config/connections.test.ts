import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { realConnections, simulatedConnections } from "../../config/connections.ts";
import { PlanError } from "../../plan/problems.ts";
import { planOf, shown } from "../support/configs.ts";
import { problemFixtures } from "../support/problem-fixtures.ts";

const secrets = { "homelab:proxmoxApiToken": "root@pam!pulumi=fake", "homelab:sshPrivateKey": "fake key" };
const config = (values: Readonly<Record<string, string>>): pulumi.Config => {
  pulumi.runtime.setAllConfig({ ...values });
  return new pulumi.Config("homelab");
};

describe("connections of a real rack", () => {
  before(() => pulumi.runtime.setMocks({ newResource: () => assert.fail(), call: () => assert.fail() }));
  after(() => pulumi.runtime.setAllConfig({}));

  it("name every secret that is missing and the command that sets it (secret-missing)", () => {
    const expected = problemFixtures().find((fixture) => fixture.code === "secret-missing")?.cases[0]?.problems;
    assert.throws(
      () => realConnections(planOf(), config({}), "homelab"),
      (error: unknown) => {
        assert.ok(error instanceof PlanError);
        assert.deepEqual(shown(error.problems), expected);
        assert.match(error.message, /^Pulumi\.homelab\.yaml was refused with 2 errors; nothing was changed\n/);
        return true;
      },
    );
  });

  it("reach the first host's API, check its certificate and guard what holds data, unless told otherwise", () => {
    const { proxmox, ssh, protect, imageFactoryUrl } = realConnections(planOf(), config(secrets), "homelab");
    assert.deepEqual([proxmox.endpoint, proxmox.insecure], ["https://10.8.16.12:8006/", false]);
    assert.deepEqual([ssh.user, ssh.hostKeys, ssh.proxyHost], ["root", {}, undefined]);
    assert.equal(protect, true);
    assert.equal(imageFactoryUrl, "https://factory.talos.dev");
  });

  it("take what is configured", () => {
    const own = {
      "homelab:proxmoxEndpoint": "https://pve.example.org/",
      "homelab:proxmoxInsecure": "true",
      "homelab:sshProxyHost": "jump.example.org",
      "homelab:sshHostKeys": '{"pve-ms01-01":"ssh-ed25519 AAAA"}',
      "homelab:protect": "false",
    };
    const { proxmox, ssh, protect } = realConnections(planOf(), config({ ...secrets, ...own }), "homelab");
    assert.deepEqual([proxmox.endpoint, proxmox.insecure], ["https://pve.example.org/", true]);
    assert.deepEqual([ssh.proxyHost, ssh.hostKeys], ["jump.example.org", { "pve-ms01-01": "ssh-ed25519 AAAA" }]);
    assert.equal(protect, false);
  });

  it("keep token and key secret", async () => {
    const { proxmox, ssh } = realConnections(planOf(), config(secrets), "homelab");
    assert.deepEqual(await Promise.all([proxmox.apiToken, ssh.privateKey].map((output) => pulumi.isSecret(output))), [
      true,
      true,
    ]);
  });

  it("need the passphrase of volumes whose key is static, and keep it secret", async () => {
    const plan = planOf("ms01", { talos: { diskEncryption: { state: "nodeID", ephemeral: "static" } } });
    assert.throws(
      () => realConnections(plan, config({}), "ms01"),
      /homelab:diskPassphrase: the passphrase of the nodes' disks is not set; run: pulumi config set --secret homelab:diskPassphrase -s ms01 {2}\[secret-missing\]/,
    );
    const { diskPassphrase } = realConnections(plan, config({ "homelab:diskPassphrase": "x" }), "ms01");
    assert.ok(diskPassphrase !== undefined && (await pulumi.isSecret(diskPassphrase)));
  });

  it("need AMT's password where machines are switched on by it, and keep it secret", async () => {
    const plan = planOf("metal-amt");
    assert.throws(
      () => realConnections(plan, config({}), "ms01"),
      /homelab:amtPassword: the password of AMT, which switches on ms01-01, ms01-02, is not set; run: pulumi config set --secret homelab:amtPassword -s ms01 {2}\[secret-missing\]/,
    );
    const { amtPassword } = realConnections(plan, config({ "homelab:amtPassword": "x" }), "ms01");
    assert.ok(amtPassword !== undefined && (await pulumi.isSecret(amtPassword)));
  });

  it("need no Proxmox secret for a rack without Proxmox", () => {
    assert.doesNotThrow(() => realConnections(planOf("ms01"), config({}), "ms01"));
  });
});

describe("connections of a simulated rack", () => {
  const simulation = { environment: "homelab", rack: "lab", operator: "192.168.1.10", latencyScale: 0 };
  before(() => pulumi.runtime.setMocks({ newResource: () => assert.fail(), call: () => assert.fail() }));
  after(() => pulumi.runtime.setAllConfig({}));

  it("use the credentials that are configured, and need none", async () => {
    const own = { "homelab:proxmoxApiToken": "a token", "homelab:sshHostKeys": '{"pve-a":"ssh-ed25519 AAAA"}' };
    const { proxmox, ssh } = simulatedConnections(simulation, config(own));
    const values = [proxmox.apiToken, ssh.privateKey].map((output) => new Promise((resolve) => output.apply(resolve)));
    assert.deepEqual(await Promise.all(values), ["a token", "simulated"]);
    assert.deepEqual(ssh.hostKeys, { "pve-a": "ssh-ed25519 AAAA" });
  });

  it("name the rack by hosts that can never exist (RFC 2606), so that no real one is reached by mistake", () => {
    const { proxmox, ssh, imageFactoryUrl, kubernetesProxyUrl } = simulatedConnections(simulation, config({}));
    const urls = [proxmox.endpoint, `ssh://${ssh.proxyHost}`, imageFactoryUrl, kubernetesProxyUrl ?? ""];
    assert.deepEqual(
      urls.map((url) => new URL(url).hostname),
      ["lab.rack.invalid", "ssh.lab.rack.invalid", "factory.lab.rack.invalid", "lab.rack.invalid"],
    );
  });
});
