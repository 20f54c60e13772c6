import assert from "node:assert/strict";
import { planOf } from "../support/configs.ts";

describe("VLANs", () => {
  it("come by id with what is usable in them", () => {
    assert.deepEqual(
      planOf().vlans.map((vlan) => [vlan.id, vlan.prefix, vlan.gateway, vlan.mtu, vlan.usableAddresses]),
      [
        [1, "10.0.1.0/24", "10.0.1.1", 1500, 254],
        [16, "10.8.16.0/24", "10.8.16.1", 1500, 254],
        [28, "10.8.28.0/22", "10.8.28.1", 1500, 1022],
        [48, "10.8.48.0/24", undefined, 9000, 254],
      ],
    );
  });
});
