import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { stateLocks } from "../../../tools/engine/state-lock.ts";

describe("locks on a stack's state", () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "state-"));
  });
  afterEach(() => rmSync(state, { recursive: true }));

  function leaveLock(content: string): void {
    const folder = join(state, ".pulumi/locks/organization/homelab/lab");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "6f9a.json"), content);
  }
  const lock = (pid: number, host: string): string =>
    JSON.stringify({ pid, username: "ada", hostname: host, timestamp: "2026-01-01T00:00:00Z" });
  const aliveOnes = (): boolean[] => stateLocks(state, "homelab", "lab").map(({ alive }) => alive);

  it("none where nobody works", () => assert.deepEqual(aliveOnes(), []));

  it("one of a dead process is stale", () => {
    leaveLock(lock(spawnSync("true").pid, hostname()));
    assert.deepEqual(aliveOnes(), [false]);
  });

  it("one whose process number another program has by now is stale", function () {
    if (process.platform !== "linux") this.skip();
    leaveLock(lock(process.pid, hostname()));
    assert.deepEqual(aliveOnes(), [false]);
  });

  it("one of another machine is kept: nobody here can know", () => {
    leaveLock(lock(1, "another-machine"));
    assert.deepEqual(aliveOnes(), [true]);
  });

  it("one that is half written is not there yet", () => {
    leaveLock('{"pid":');
    assert.deepEqual(aliveOnes(), []);
  });
});
