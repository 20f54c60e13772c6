import assert from "node:assert/strict";
import { heldRecord, mayGo } from "../../components/held-hook.ts";

const node = { name: "a", holds: ["a member of etcd"], retire: false };

describe("what holds something", () => {
  it("may go when it holds nothing or was announced", () => {
    assert.deepEqual(
      [node, { ...node, retire: true }, { ...node, holds: [] }].map((one) => mayGo(one)),
      [false, true, true],
    );
  });

  it("is recorded with what it holds; all that are there are named", () => {
    assert.deepEqual(heldRecord([node, { ...node, name: "b", retire: true }]), {
      PRESENT: "a b",
      HELD: '{"a":["a member of etcd"]}',
    });
  });
});
