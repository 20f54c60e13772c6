import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRack, type Rack } from "../../lab/rack/store.ts";

describe("what a rack keeps of costly readings", () => {
  const before = process.env["RACK_HOME"];
  let home: string;
  let rack: Rack;
  let made: number;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "lab-store-"));
    process.env["RACK_HOME"] = home;
    rack = createRack("test");
    made = 0;
    rack.collection<{ n: number }>("thing").put("a", { n: 1 });
  });
  afterEach(() => {
    rack.close();
    rmSync(home, { recursive: true });
    if (before === undefined) delete process.env["RACK_HOME"];
    else process.env["RACK_HOME"] = before;
  });

  /** A reading; `made` counts how often it was taken. */
  const reading = (): number | undefined =>
    rack.kept("sum", () => {
      made += 1;
      return rack.collection<{ n: number }>("thing").get("a")?.n;
    });

  it("is taken once while nothing is written", () => {
    assert.deepEqual([reading(), reading(), made], [1, 1, 1]);
  });

  it("is taken again after a write and after a deletion of its own process", () => {
    const things = rack.collection<{ n: number }>("thing");
    reading();
    things.edit("a", (thing) => {
      thing.n = 2;
    });
    assert.equal(reading(), 2);
    things.delete("a");
    assert.equal(reading(), undefined);
  });

  it("is taken again after a write of another process", () => {
    reading();
    const other = createRack("test");
    other.collection<{ n: number }>("thing").put("a", { n: 3 });
    other.close();
    assert.equal(reading(), 3);
  });

  it("does not outlive a part of a transaction that was taken back; the rest of the transaction stays", () => {
    rack.transaction(() => {
      rack.collection<{ n: number }>("thing").put("a", { n: 5 });
      assert.throws(() =>
        rack.savepoint(() => {
          rack.collection<{ n: number }>("thing").put("a", { n: 6 });
          assert.equal(reading(), 6);
          throw new Error("no");
        }),
      );
      assert.equal(reading(), 5);
    });
    assert.equal(reading(), 5);
  });

  it("does not outlive a transaction that was taken back", () => {
    const failing = (): void =>
      rack.transaction(() => {
        rack.collection<{ n: number }>("thing").put("a", { n: 4 });
        assert.equal(reading(), 4);
        throw new Error("no");
      });
    assert.throws(failing, { message: "no" });
    assert.equal(reading(), 1);
  });
});
