import assert from "node:assert/strict";
import { heldRecord, mayGo } from "../../components/held-hook.ts";

const node = { name: "a", holds: ["a member of etcd"], retire: false, keeps: { "vm.id": "1" } };

describe("what holds something", () => {
  it("may go when it holds nothing or was announced", () => {
    assert.deepEqual(
      [node, { ...node, retire: true }, { ...node, holds: [] }].map((one) => mayGo(one)),
      [false, true, true],
    );
  });

  it("is recorded with what it holds; all that are there are named, with what they keep", () => {
    assert.deepEqual(heldRecord([node, { ...node, name: "b", retire: true }]), {
      PRESENT: "a b",
      HELD: '{"a":["a member of etcd"]}',
      KEPT: '{"a":{"vm.id":"1"},"b":{"vm.id":"1"}}',
    });
  });
});
