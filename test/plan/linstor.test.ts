import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("LINSTOR", () => {
  it("replicates over the ring's addresses and knows each pair once", () => {
    const { linstor } = planOf("ms01");
    assert.deepEqual(linstor?.interfaces, [
      { node: "talos-ms01-01", name: "usb4", address: "10.8.49.1" },
      { node: "talos-ms01-02", name: "usb4", address: "10.8.49.2" },
      { node: "talos-ms01-03", name: "usb4", address: "10.8.49.3" },
    ]);
    assert.deepEqual(
      linstor?.connections.map((connection) => connection.pairs),
      [
        [
          ["talos-ms01-01", "talos-ms01-02"],
          ["talos-ms01-01", "talos-ms01-03"],
          ["talos-ms01-02", "talos-ms01-03"],
        ],
      ],
    );
  });

  it("keeps replicas in different racks where racks are described, and there are enough of them", () => {
    assert.equal(planOf("datacenter").linstor?.differentOn, "topology.kubernetes.io/zone");
    assert.equal(planOf("datacenter", { "linstor.replicas": 3 }).linstor?.differentOn, undefined);
    assert.equal(planOf("ms01").linstor?.differentOn, undefined);
  });

  it("has n(n-1)/2 pairs", () => {
    assert.equal(planOf("four-in-a-ring").linstor?.connections[0]?.pairs.length, 6);
  });

  it("may replicate over a VLAN, and over another one between zones", () => {
    const { linstor } = planOf("metal-without-ring", {
      "linstor.betweenZones": { network: "external", interfaceName: "far" },
      "nodes.talos-ms01-02.labels": { "topology.kubernetes.io/zone": "ms01-01" },
    });
    assert.deepEqual(linstor?.interfaces[0], { node: "talos-ms01-01", name: "sfp", address: "10.8.24.2" });
    assert.deepEqual(
      linstor?.connections.map(({ interface: name, pairs }) => [name, pairs]),
      [
        ["sfp", [["talos-ms01-01", "talos-ms01-02"]]],
        [
          "far",
          [
            ["talos-ms01-01", "talos-ms01-03"],
            ["talos-ms01-02", "talos-ms01-03"],
          ],
        ],
      ],
    );
  });
});
