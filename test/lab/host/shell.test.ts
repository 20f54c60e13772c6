// The shell that runs scripts on simulated hosts: it must do what the machine's own `sh` does with the same script.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { CommandFailure, type HostCommand } from "../../../lab/host/host-command.ts";
import type { HostFiles } from "../../../lab/host/host-files.ts";
import { runScript } from "../../../lab/host/shell/run.ts";
import { Collector } from "../../../lab/host/shell/streams.ts";

/** Files in memory, with a directory wherever a file lies. */
function memoryFiles(initial: Record<string, string> = {}): HostFiles {
  const files = new Map(Object.entries(initial));
  return {
    read: (path) => files.get(path),
    write: (path, content) => void files.set(path, content),
    remove: (path) => void files.delete(path),
    makeDirectory: () => undefined,
    isDirectory: (path) =>
      path === "/" || path === "/root" || [...files.keys()].some((file) => file.startsWith(`${path}/`)),
    mode: () => "644",
    paths: () => [...files.keys()].sort(),
  };
}

async function run(script: string, files: Record<string, string> = {}, environment: Record<string, string> = {}) {
  const stdout = new Collector();
  const stderr = new Collector();
  const tree = memoryFiles(files);
  const commands: Record<string, HostCommand> = {
    cat: ({ stdin, stdout: out, args, shell }) => {
      if (args.length === 0) out.write(stdin.readAll());
      for (const operand of args) out.write(tree.read(shell.path(operand)) ?? "");
      return 0;
    },
    refuse: () => {
      throw new CommandFailure("refuse: no", 3);
    },
  };
  const host = { files: tree, command: (name: string) => commands[name], sleep: () => Promise.resolve() };
  const status = await runScript({ script, host, environment, stdin: "one\ntwo three\n", stdout, stderr });
  return { status, stdout: stdout.text, stderr: stderr.text, files: tree };
}

/** Scripts without files and host commands: run by both shells, compared to the byte. */
const SAME = [
  "echo hello; echo world",
  "printf '%s-%d\\n' a 1 b 2",
  "printf '%05d|%-4s|%4s|%%|%x\\n' 42 ab cd 255",
  "x='a  b'; echo $x; echo \"$x\"; echo '$x'",
  'set -- a "b c" d; echo $#; for x in "$@"; do echo "<$x>"; done; shift; echo "$*"',
  'x=; echo "${x:-empty}" "${x-set}" "${y-unset}" "${y:=new}" "$y" "${y:+other}"',
  "f=/a/b/c.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#*/} ${#f}",
  "if false; then echo a; elif true; then echo b; else echo c; fi",
  "i=0; while [ $i -lt 5 ]; do i=$((i + 1)); [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done",
  'until [ "$n" = xxx ]; do n=x$n; done; echo $n',
  "case abc in a*) echo one;; *) echo two;; esac; case b in [ac]|b) echo hit;; esac; case '*' in '*') echo star;; esac",
  "f() { local x=1; echo $x $1; return 3; }; x=2; f q; echo $? $x",
  "set -e; false || echo survived; if false; then :; fi; ! true; echo here; false; echo never",
  "set -e; f() { false; echo inside; }; f && echo yes; f; echo never",
  "set -eu; echo start; x=$(false); echo never",
  'echo "$(echo a; echo b)" | while read -r line; do echo "<$line>"; done',
  "x=$(printf 'a\\n\\n\\n'); echo \"[$x]\"",
  "echo `echo back\\`echo quoted\\``",
  "cat_() { while IFS= read -r l; do printf '%s\\n' \"$l\"; done; }; cat_ <<EOF\na $((1 + 2 * 3)) ${HOME-none}\n  \\$b `echo c`\nEOF",
  "while read -r a b; do echo \"$b,$a\"; done <<'EOF'\n1 2 3\n  $x y\nEOF",
  "{ echo out; echo err >&2; } 2>&1; (exit 4); echo $?; (x=1); echo ${x-unset}",
  "echo $((10 / 3)) $((10 % 3)) $(((1 + 2) * -3)) $((1 < 2 && 2 < 1)) $((1 ? 7 : 8)) $((0x1f)) $((~0))",
  "trap 'echo bye $?' EXIT; echo hi; exit 5",
  "echo one && echo two || echo three; false && echo no || echo yes",
  'IFS=:; x=a:b::c; for p in $x; do echo "[$p]"; done',
  'IFS=:; x=:a::b:; set -- $x; echo $#; IFS=\' :\'; y=\' a : b  c:\'; set -- $y; echo $# "$1" "$2" "$3"',
  "x='*'; echo \"$x\"; echo 'a\"b' \"a'b\" a\\ b",
  "test -z '' && echo z; test -n a -a 1 -ne 2 && echo both; [ ! a = b ] && echo not; [ a ] && echo one",
  "false; echo $?; true; echo $?; ! false; echo $?",
  "eval 'x=1; echo $x'; command echo direct; command -v nothing-here || echo missing $?",
  "for x in 1 2; do for y in a b; do [ $y = b ] && continue 2; echo $x$y; done; done",
  "a=1 b=2; a=3 eval 'echo $a $b'; echo ${a}",
  'set -- ; echo "$#" "$@" end; unset x; echo "[${x+set}]"',
  "# only a comment\necho a # trailing\necho b#c \\\n  continued",
  "x=5; x=$((x+1)); echo $x; exit $((x-4))",
  'f() { [ "$1" -le 0 ] && return; echo $1; f $(($1 - 1)); }; f 3',
  'echo a | (read -r x; echo got $x); echo "a b" | { read -r p q; echo $q $p; }',
  'set -e\nx=$(echo ok)\ntest "$x" = ok\necho "$x"\n[ "$x" = no ]\necho never',
];

describe("the shell of a simulated host", () => {
  for (const script of SAME) {
    it(`does as sh does: ${script.replaceAll("\n", "⏎").slice(0, 90)}`, async () => {
      const real = spawnSync("sh", ["-c", script], { encoding: "utf8", env: {}, input: "one\ntwo three\n" });
      const { status, stdout } = await run(script);
      assert.deepEqual({ status, stdout }, { status: real.status, stdout: real.stdout });
    });
  }

  it("reads the script's stdin line by line", async () => {
    const { stdout } = await run('read -r a; read -r b c; echo "$c $b $a"; read -r d || echo end');
    assert.equal(stdout, "three two one\nend\n");
  });

  it("writes and reads the host's files, not this machine's", async () => {
    const { stdout, files } = await run(
      "echo a > /etc/new; echo b >> /etc/new; cat < /etc/new; [ -f /etc/new ] && [ ! -e /etc/passwd ] && echo ok",
      {
        "/etc/hostname": "pve1\n",
      },
    );
    assert.equal(stdout, "a\nb\nok\n");
    assert.equal(files.read("/etc/new"), "a\nb\n");
  });

  it("expands patterns to the host's files", async () => {
    const { stdout } = await run("echo /etc/apt/*.list; echo /etc/none*; cd /etc/apt; echo *.list", {
      "/etc/apt/a.list": "",
      "/etc/apt/b.list": "",
    });
    assert.equal(stdout, "/etc/apt/a.list /etc/apt/b.list\n/etc/none*\na.list b.list\n");
  });

  it("says which command is missing, as sh does", async () => {
    assert.deepEqual(pick(await run("curl https://example.org")), {
      status: 127,
      stdout: "",
      stderr: "sh: curl: not found\n",
    });
  });

  it("prints a command's refusal and hands on its status", async () => {
    assert.deepEqual(pick(await run("refuse || echo $?")), { status: 0, stdout: "3\n", stderr: "refuse: no\n" });
    assert.deepEqual(pick(await run("set -e; refuse; echo never")), { status: 3, stdout: "", stderr: "refuse: no\n" });
  });

  it("refuses a redirect into a directory that is not there", async () => {
    assert.deepEqual(pick(await run("echo a > /nowhere/file; echo $?")), {
      status: 0,
      stdout: "1\n",
      stderr: "sh: cannot create /nowhere/file: Directory nonexistent\n",
    });
  });

  it("stops at an unset variable under set -u", async () => {
    assert.deepEqual(pick(await run('set -u; echo "$missing"; echo never')), {
      status: 2,
      stdout: "",
      stderr: "sh: missing: parameter not set\n",
    });
  });

  for (const [script, message] of [
    ["if true; then echo a", "sh: 1: Syntax error: end of file unexpected\n"],
    ["echo 'open", "sh: 1: Syntax error: Unterminated quoted string\n"],
    ["echo a\nfi", 'sh: 2: Syntax error: "fi" unexpected\n'],
    ["sleep 1 &", 'sh: 1: Syntax error: "&" is not known to the simulated shell; run one thing after the other\n'],
  ] as const) {
    it(`refuses a script that is not one: ${script.replaceAll("\n", "⏎")}`, async () => {
      assert.deepEqual(pick(await run(script)), { status: 2, stdout: "", stderr: message });
    });
  }
});

function pick({ status, stdout, stderr }: { status: number; stdout: string; stderr: string }) {
  return { status, stdout, stderr };
}
