import assert from "node:assert/strict";
import { renderDnsmasq, renderHostsFile } from "../../../plan/render/hosts-file.ts";
import { planOf } from "../../support/configs.ts";

describe("names for other programs", () => {
  it("are one line each in /etc/hosts: address, full name, short name", () => {
    const lines = renderHostsFile(planOf()).split("\n");
    assert.ok(lines.includes("10.8.16.20  k8s-api.lab.local k8s-api"));
    assert.ok(lines.includes("10.8.31.10  traefik.lab.local traefik"));
    assert.equal(lines.length - 1, planOf().dns.records.length);
  });

  it("are records of a zone that dnsmasq answers for itself", () => {
    const lines = renderDnsmasq(planOf()).split("\n");
    assert.equal(lines[0], "local=/lab.local/");
    assert.ok(lines.includes("host-record=pve-ms01-01.lab.local,10.8.16.10"));
  });
});
