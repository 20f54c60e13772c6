import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

const ringOf = (rack: string, node: string) =>
  (planOf(rack).nodes.find((one) => one.name === node)?.interfaces ?? [])
    .filter((link) => link.kind === "usb4" || link.kind === "dummy")
    .map((link) => [link.name, link.addresses, link.routes]);

describe("routes of a USB4 ring", () => {
  it("lead to each neighbour directly, and round the ring when that cable is pulled, always from the ring's own address", () => {
    assert.deepEqual(ringOf("ms01", "talos-ms01-01"), [
      [
        "tb0",
        [],
        [
          { destination: "10.8.49.2/32", metric: 1024, source: "10.8.49.1" },
          { destination: "10.8.49.3/32", metric: 2048, source: "10.8.49.1", gateway: "10.8.49.2" },
        ],
      ],
      [
        "tb1",
        [],
        [
          { destination: "10.8.49.2/32", metric: 2048, source: "10.8.49.1", gateway: "10.8.49.3" },
          { destination: "10.8.49.3/32", metric: 1024, source: "10.8.49.1" },
        ],
      ],
      ["ring0", ["10.8.49.1/32"], []],
    ]);
  });

  it("reach the opposite of four both ways alike", () => {
    const routes = ringOf("four-in-a-ring", "k1").map(([name, , routes]) => [name, routes]);
    assert.deepEqual(routes.slice(0, 2), [
      [
        "tb0",
        [
          { destination: "198.51.100.2/32", metric: 1024, source: "198.51.100.1" },
          { destination: "198.51.100.3/32", metric: 2048, source: "198.51.100.1", gateway: "198.51.100.2" },
          { destination: "198.51.100.4/32", metric: 3072, source: "198.51.100.1", gateway: "198.51.100.2" },
        ],
      ],
      [
        "tb1",
        [
          { destination: "198.51.100.2/32", metric: 3072, source: "198.51.100.1", gateway: "198.51.100.4" },
          { destination: "198.51.100.3/32", metric: 2048, source: "198.51.100.1", gateway: "198.51.100.4" },
          { destination: "198.51.100.4/32", metric: 1024, source: "198.51.100.1" },
        ],
      ],
    ]);
  });
});
