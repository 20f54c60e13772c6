import assert from "node:assert/strict";
import type { HostPlan } from "../../../plan/plan.ts";
import { renderFirstBoot, renderInstallAnswer } from "../../../plan/render/install-answer.ts";
import { planOf } from "../../support/configs.ts";

describe("answer file of the Proxmox installer", () => {
  const plan = planOf();
  const host = plan.hosts.find((one) => one.name === "pve-ms01-01") as HostPlan;
  const answer = renderInstallAnswer(plan, host).split("\n");

  it("gives the host the name, address and disk of the plan", () => {
    for (const line of [
      'fqdn = "pve-ms01-01.lab.local"',
      'cidr = "10.8.16.10/24"',
      'gateway = "10.8.16.1"',
      'dns = "10.0.1.1"',
      'filter.ID_NET_NAME = "enp87s0"',
      'filter.DEVLINKS = "*/dev/disk/by-id/nvme-ms01-01-system*"',
    ]) {
      assert.ok(answer.includes(line), line);
    }
  });

  it("holds no password and no key, only the places for them", () => {
    const secrets = answer.filter((line) => /password|ssh-key/.test(line));
    assert.deepEqual(secrets, ['root-password-hashed = "@ROOT_PASSWORD_HASH@"', 'root-ssh-keys = ["@ROOT_SSH_KEY@"]']);
  });

  it("takes the first member where the management address lies on a bond", () => {
    const other = planOf("other-nics");
    const [alpha] = other.hosts;
    assert.ok(renderInstallAnswer(other, alpha as HostPlan).includes('filter.ID_NET_NAME = "ens1f0"'));
  });

  it("puts the address on its tagged VLAN at the first boot, in the very words of the program", () => {
    const script = renderFirstBoot(host);
    assert.ok(script.startsWith("#!/bin/sh\n"));
    assert.ok(script.includes(host.interfacesFile.trimEnd()));
    assert.match(script, /vmbr0\.16\n/);
  });
});
