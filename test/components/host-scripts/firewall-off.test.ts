import assert from "node:assert/strict";
import { renderFirewallOff } from "../../../components/host-scripts/firewall-off.ts";
import { FIREWALL_KINDS, hostFirewallDrops } from "../../../lab/rack/host-firewall.ts";
import { type LabRack, labRack } from "../../support/lab-rack.ts";

const host = "pve-ms01-01";
const on = { enabled: true, inputPolicy: "DROP", outputPolicy: "ACCEPT", forwardPolicy: "ACCEPT", ebtables: false };

describe("renderFirewallOff", () => {
  let lab: LabRack;
  beforeEach(() => {
    lab = labRack();
    lab.rack.collection(FIREWALL_KINDS.cluster).put("cluster-firewall", on);
    lab.rack.collection(FIREWALL_KINDS.ipsets).put("cluster/management", { cidrs: [{ name: "10.8.16.0/24" }] });
  });
  afterEach(() => lab.close());

  it("leaves the firewall on as long as it is wanted", async () => {
    await lab.on(host, renderFirewallOff(host).script);
    assert.deepEqual(lab.rack.collection(FIREWALL_KINDS.cluster).get("cluster-firewall"), on);
  });

  it("keeps the way to the host open when the sets that let people in go next", async () => {
    await lab.on(host, renderFirewallOff(host).undo);
    lab.rack.collection(FIREWALL_KINDS.ipsets).delete("cluster/management");
    assert.equal(hostFirewallDrops(lab.rack, host, 8006), undefined);
    assert.deepEqual(lab.rack.collection(FIREWALL_KINDS.cluster).list(), []);
  });

  it("is needed: without it the hosts shut everybody out", () => {
    lab.rack.collection(FIREWALL_KINDS.ipsets).delete("cluster/management");
    assert.match(hostFirewallDrops(lab.rack, host, 8006) ?? "", /drops port 8006/);
  });

  it("may be run when it is off already", async () => {
    await lab.on(host, renderFirewallOff(host).undo);
    await lab.on(host, renderFirewallOff(host).undo);
  });
});
