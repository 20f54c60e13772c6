// The commands of the power page, on the hosts they are for.
import assert from "node:assert/strict";
import { hosts } from "../../../lab/rack/hosts.ts";
import { vms } from "../../../lab/rack/vms.ts";
import { renderPowerGuide } from "../../../plan/render/power-guide.ts";
import { planOf } from "../../support/configs.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

describe("the shutdown of hosts", () => {
  let lab: LabRack;
  before(() => {
    lab = labRack();
  });
  after(() => lab.close());

  it("ends every machine before the first host, by the two commands of the power page", async () => {
    const power = { budgetWatts: 4000, ups: { capacityWh: 3000, shutdownMinutes: 10 } };
    const plan = planOf("homelab", { power });
    const page = renderPowerGuide(plan, "source") ?? "";
    const [machines = "", off = ""] = [...page.matchAll(/; do ssh root@\$host (.*) & done; wait/g)].map(
      ([, text]) => text,
    );
    const names = plan.hosts.map(({ name }) => name);
    for (const [index, host] of names.entries())
      lab.rack.collection("vm").put(String(8001 + index), {
        vmid: 8001 + index,
        name: `m${index}`,
        host,
        running: true,
        nics: [],
        addresses: [],
      });
    const running = () =>
      vms(lab.rack)
        .list()
        .filter(({ body }) => body.running)
        .map(({ body }) => body.host);
    const powered = () => names.filter((name) => hosts(lab.rack).get(name)?.powered);
    await lab.on(names[0] ?? "", machines);
    assert.deepEqual(running(), names.slice(1), "each host has its own");
    for (const name of names) await lab.on(name, machines);
    assert.deepEqual([running(), powered()], [[], names]);
    for (const name of names) await assert.rejects(lab.on(name, off), /exited without exit status/, "the host is gone");
    assert.deepEqual(powered(), []);
  });
});
