// Scripts as other people's software reads them: shellcheck every one of every stack, and Debian's own network tools those that configure a network.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { declareStack } from "../../conformance/declared.ts";
import { type DeclaredScript, declaredScripts } from "../../conformance/host-scripts.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";

const found = /version: (\S+)/.exec(spawnSync("shellcheck", ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1];

function shellcheck(text: string): string {
  const { status, stdout } = spawnSync("shellcheck", ["--shell=sh", "--format=gcc", "-"], {
    input: text,
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout.trim();
}

piece(
  {
    subject: "scripts of every stack, on hosts and on the operator's machine",
    against: found === undefined ? "shellcheck" : `shellcheck ${found}`,
    limit: "what the commands in them do on a host",
  },
  () => {
    before(function () {
      if (found === undefined) this.skip();
    });
    for (const { stack, plan } of hardwareStacks()) {
      it(`${stack}: shellcheck has nothing to say to any script`, async function () {
        this.timeout("5m");
        const scripts = new Map<string, DeclaredScript>();
        for (const script of declaredScripts(await declareStack(plan))) scripts.set(script.text, script);
        assert.ok(scripts.size > 0);
        const said = [...scripts.values()].flatMap(({ name, text }) =>
          shellcheck(text) === "" ? [] : [`${name}: ${shellcheck(text)}`],
        );
        assert.deepEqual(said, []);
      });
    }
    it("a script that is broken on purpose is told so", () => {
      assert.match(shellcheck("cd /etc && cat $file\n"), /SC2086|SC2154/);
      assert.match(shellcheck("if true; then\n"), /SC1073/);
    });
  },
);
