import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, withLock } from "../../../tools/engine/lock.mjs";

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync("true").pid;
}

describe("lock", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function leaveLock(pid: number, host: string): void {
    writeFileSync(join(folder, "build.lock"), JSON.stringify({ pid, host, since: "2026-01-01T00:00:00.000Z" }));
  }

  it("lets one in at a time, and leaves nothing behind", async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(folder, "build", work)));
    assert.equal(most, 1);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("is given back when the work fails", async () => {
    await assert.rejects(
      withLock(folder, "build", () => Promise.reject(new Error("no disk"))),
      { message: "no disk" },
    );
    assert.equal(existsSync(join(folder, "build.lock")), false);
  });

  it("is taken over from a process that is gone", async () => {
    leaveLock(deadProcess(), hostname());
    assert.equal(await withLock(folder, "build", () => "built"), "built");
    assert.deepEqual(readdirSync(folder), []);
  });

  it("waits for a living one, says so once, and in the end says what to do", async () => {
    leaveLock(process.pid, hostname());
    const waits: number[] = [];
    const build = withLock(folder, "build", () => "built", { timeoutMs: 100, onWait: ({ pid }) => waits.push(pid) });
    await assert.rejects(build, (error: Error) => {
      assert.equal(
        error.message,
        `still waiting for process ${process.pid} on ${hostname()}, since 2026-01-01T00:00:00.000Z
What helps, any one of:
  - see whether it is still at work, end it if not
  - if there is no such process, delete ${join(folder, "build.lock")}`,
      );
      return true;
    });
    assert.deepEqual(waits, [process.pid]);
    assert.equal(existsSync(join(folder, "build.lock")), true);
  });

  it("never takes a process of another machine for dead", () => {
    assert.equal(isAlive({ pid: deadProcess(), host: "another-machine" }), true);
    assert.equal(isAlive({ pid: deadProcess(), host: hostname() }), false);
    assert.equal(isAlive({ pid: process.pid, host: hostname() }), true);
  });
});
