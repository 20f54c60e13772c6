// LINSTOR's scripts in this machine's own shell, with a stand-in for the command line that breaks at one call after the other: what the rack's
// shell takes for an error has to be one here, too.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../../lab/rack/linstor/client-answers.ts";
import { everyLinstorScript } from "../support/linstor-scripts.ts";

const nodes = ["talos-ms01-01", "talos-ms01-02", "talos-ms01-03"];
const none = "No property map found for this entry.\n";

/** What the stand-in prints, by the words of its command line. */
function answers(interfaces: boolean, paths: readonly string[]): Record<string, string> {
  const links = (node: string) => [
    ["+ StltCon", "default-ipv4", "10.8.24.2", "3366", "PLAIN"],
    ...(interfaces ? [["+", "usb4", `10.8.49.${node.slice(-1)}`, "", ""]] : []),
  ];
  const pairs = nodes.flatMap((a, i) => nodes.slice(i + 1).map((b) => [a, b] as const));
  return Object.fromEntries([
    [
      "node list",
      table(
        ["Node", "NodeType", "Addresses", "State"],
        nodes.map((name) => [name, "SATELLITE", "", "Online"]),
      ),
    ],
    ...nodes.map((name) => [
      `node interface list ${name}`,
      table([name, "NetInterface", "IP", "Port", "EncryptionType"], links(name)),
    ]),
    ...pairs.map(([a, b]) => {
      const rows = paths.flatMap((path) => [a, b].map((end) => [`Paths/${path}/${end}`, "usb4"]));
      return [`node-connection path list ${a} ${b}`, rows.length === 0 ? none : table(["Key", "Value"], rows)];
    }),
  ]);
}

/** Prints its answer and notes what it was asked; at call `breakAt` it prints half of that and ends as if killed. */
const standIn = `#!/bin/sh
shift 4
echo "$*" >>"$STAND_IN/asked"
answer="$STAND_IN/$(printf '%s' "$*" | tr ' ' '_')"
if [ "$(wc -l <"$STAND_IN/asked")" -eq "$BREAK_AT" ]; then
  [ ! -f "$answer" ] || head -n 4 "$answer"
  exit 137
fi
[ ! -f "$answer" ] || cat "$answer"
`;

describe("LINSTOR's scripts in a real shell", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "linstor-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "linstor"), standIn, { mode: 0o755 });
    writeFileSync(join(folder, "bin", "sleep"), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(script: string, printed: Record<string, string>, breakAt = 0) {
    rmSync(join(folder, "asked"), { force: true });
    for (const [words, text] of Object.entries(printed)) writeFileSync(join(folder, words.replaceAll(" ", "_")), text);
    const { status, stderr } = spawnSync("sh", ["-c", script], {
      encoding: "utf8",
      env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, STAND_IN: folder, BREAK_AT: String(breakAt) },
    });
    const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
    return { status, stderr, asked, changes: asked.filter((words) => !/\blist\b/.test(words)) };
  }

  it("register every interface that is missing, read them back, and do not take an empty answer for one", () => {
    const { status, changes, stderr } = run(everyLinstorScript().register, answers(false, []));
    assert.deepEqual(
      changes,
      nodes.map((name) => `node interface create ${name} usb4 10.8.49.${name.slice(-1)}`),
    );
    // The stand-in makes nothing: the script must not believe that it did.
    assert.equal(status, 1);
    assert.match(stderr, /talos-ms01-01 has usb4 "" and not 10\.8\.49\.1/);
  });

  it("find nothing to do where all is there", () => {
    const { register, create, verify } = everyLinstorScript();
    for (const script of [register, create, verify]) {
      const { status, changes, stderr } = run(script, answers(true, ["manual-dedicated"]));
      assert.deepEqual([status, changes], [0, []], stderr);
    }
  });

  it("take the paths away that nobody wants, and make those that are missing", () => {
    const { create, verify } = everyLinstorScript();
    assert.equal(run(create, answers(true, [])).changes.length, 3);
    const { changes } = run(verify, answers(true, ["forgotten", "manual-dedicated"]));
    assert.equal(changes.length, 3);
    assert.match(changes[0] ?? "", /^node-connection path delete talos-ms01-01 talos-ms01-02 forgotten$/);
  });

  for (const [name, script] of Object.entries(everyLinstorScript())) {
    it(`stop at a call that is cut off, or make it again, and change nothing for its sake: ${name}`, () => {
      const printed = answers(true, ["forgotten", "manual-dedicated"]);
      const whole = run(script, printed);
      assert.equal(whole.status, 0, whole.stderr);
      for (const position of whole.asked.keys()) {
        const broken = run(script, printed, position + 1);
        const [call, next] = broken.asked.slice(position);
        assert.ok(broken.status !== 0 || call === next, `${call}: ${broken.status}, then ${next}`);
        assert.deepEqual(
          broken.changes.filter((words) => !whole.changes.includes(words)),
          [],
        );
      }
    });
  }
});
