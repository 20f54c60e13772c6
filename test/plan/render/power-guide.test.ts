import assert from "node:assert/strict";
import { renderPowerGuide } from "../../../plan/render/power-guide.ts";
import { planOf } from "../../support/configs.ts";

const pageOf = (rack: string, changes = {}): string => renderPowerGuide(planOf(rack, changes), "source") ?? "";

describe("renderPowerGuide", () => {
  it("tells all control planes at once, with the times that the kubelets are given", () => {
    const page = pageOf("ms01");
    assert.match(page, /talosctl shutdown --force .* -n 10\.8\.20\.11,10\.8\.20\.12,10\.8\.20\.13\n/);
    assert.match(page, /\| 360 s at most \| critical pods end/);
    assert.match(page, /takes 10 minutes at most/);
  });

  it("tells workers first", () => {
    const page = pageOf("ms01", { "nodes.talos-ms01-03.role": "worker", "nodes.talos-ms01-02.role": "worker" });
    assert.ok(page.indexOf("-n 10.8.20.12,10.8.20.13") < page.indexOf("-n 10.8.20.11\n"), page);
  });

  it("says how a host that stays dark is switched on", () => {
    assert.match(pageOf("ms01"), /None of the hosts has one in the description/);
    const outOfBand = { kind: "vpro", name: "amt-ms01-01", address: "10.8.20.31" };
    const wayOf = (more = {}): string => pageOf("ms01", { "hosts.ms01-01.outOfBand": { ...outOfBand, ...more } });
    assert.match(wayOf(), /\| ms01-01 \| vpro .*\| https:\/\/10\.8\.20\.31:16993, Remote Control/);
    assert.match(wayOf({ tls: false }), /\| http:\/\/10\.8\.20\.31:16992, Remote Control/);
  });

  it("ends all machines before the first host, where there are hosts", () => {
    const page = pageOf("homelab", { power: { budgetWatts: 4000, ups: { capacityWh: 3000, shutdownMinutes: 10 } } });
    const machines = page.indexOf(
      "for host in 10.8.16.12 10.8.16.10 10.8.16.11; do ssh root@$host pvesh create /nodes/localhost/stopall & done; wait\n",
    );
    assert.ok(machines > 0 && machines < page.indexOf("ssh root@$host systemctl poweroff"), page);
    assert.match(page, /\| 270 s at most \| critical pods end/);
    assert.match(page, /\| 480 s at most \| no machine runs any more/);
    assert.match(page, /\| 600 s at most \| the hosts draw nothing/);
  });

  it("is there with a battery only", () => {
    assert.equal(renderPowerGuide(planOf("ms01", { power: null }), "source"), undefined);
    assert.equal(renderPowerGuide(planOf("homelab"), "source"), undefined);
  });
});
