import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { quote, renderScript } from "../../../components/host-scripts/script.ts";

const frame = { host: "pve-1", step: "it's a test" };

/** Runs with the machine's own shell: nothing here touches a file. */
function run(body: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("sh", ["-c", renderScript(frame, body)], { encoding: "utf8" });
}

describe("renderScript", () => {
  it("says on stderr which host and step speak, and leaves stdout to results", () => {
    const { status, stdout, stderr } = run("say on the way\nprintf 'result\\n'");
    assert.deepEqual(
      { status, stdout, stderr },
      { status: 0, stdout: "result\n", stderr: "pve-1, it's a test: on the way\n" },
    );
  });

  it("stops at the first command that fails, and at a variable that is not set", () => {
    assert.equal(run("false\nprintf too-far").stdout, "");
    assert.notEqual(run(`printf '%s' "$nothing"`).status, 0);
  });

  it("gives up waiting with host, step, what was waited for and the last answer", () => {
    const { status, stderr } = run("ask() { printf 'no route to host'; return 1; }\nwait_for 'the peer' 3 0 ask");
    assert.equal(status, 1);
    assert.equal(stderr, "pve-1, it's a test: gave up waiting for the peer; last answer: no route to host\n");
  });

  it("asks as often as it was told, and goes on with the first success", () => {
    const counting = "left=3\nask() { printf x >&3; return 1; }\nexec 3>&1\nwait_for it 4 0 ask";
    assert.equal(run(counting).stdout, "xxxx");
    assert.equal(run("wait_for it 1 0 true\nprintf through").stdout, "through");
  });

  it("ends a command that takes too long, and says which", () => {
    const { status, stdout, stderr } = run("bounded 1 sleep 30\nprintf too-far");
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(stderr, "pve-1, it's a test: gave up on 'sleep 30' after 1 seconds; see the host's task log\n");
  });

  it("hands on how a bounded command ended, and what it read and said", () => {
    assert.equal(run("bounded 5 sh -c 'exit 7'\nprintf too-far").status, 7);
    assert.equal(run("printf in | bounded 5 cat").stdout, "in");
    assert.match(run("bounded 5 false || fail 'made nothing'").stderr, /made nothing/);
  });

  it("does not die of a closed connection while it reports", () => {
    assert.equal(run("exec 2>&-\nsay nobody listens\nprintf 'still here'").stdout, "still here");
  });
});

describe("quote", () => {
  it("gives the shell one word, whatever is in it", () => {
    for (const word of ["plain", "two words", "it's", "$HOME", "a;b", "`id`", "", "new\nline", "*", "\\"]) {
      assert.equal(run(`printf '%s' ${quote(word)}`).stdout, word);
    }
  });
});
