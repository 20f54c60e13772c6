import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "../../../tools/engine/engine-version.ts";

const PRELOAD = join(REPOSITORY, "tools/engine/code-cache.cjs");
const { isOurs, stripped } = createRequire(import.meta.url)(PRELOAD) as {
  isOurs(url: string): boolean;
  stripped(file: string, folder: string): string;
};

describe("code-cache preload", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "code-cache-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Writes a file and takes it through the cache; returns the code before the mark. */
  function through(text: string): string {
    const file = join(folder, "source.ts");
    writeFileSync(file, text);
    return stripped(file, folder).split("\n// ")[0] ?? "";
  }
  const entries = (): string[] => readdirSync(folder).filter((name) => name !== "source.ts");
  const tamper = (change: (entry: string) => string): void => {
    const [entry = ""] = entries();
    writeFileSync(join(folder, entry), change(readFileSync(join(folder, entry), "utf8")));
  };

  it("takes the types out and leaves everything where it was, so that positions in errors are right", () => {
    assert.equal(through("const a: number = 1;"), "const a         = 1;");
  });

  it("takes the second time from the cache", () => {
    through("const a: number = 1;");
    tamper((entry) => entry.replace("= 1", "= 2"));
    assert.equal(through("const a: number = 1;"), "const a         = 2;");
  });

  it("notices a change, and keeps one entry for a file", () => {
    through("const a: number = 1;");
    assert.equal(through("const b: number = 1;"), "const b         = 1;");
    assert.equal(entries().length, 1);
  });

  it("does not trust an entry that was cut off", () => {
    through("const a: number = 1;");
    tamper((entry) => entry.slice(0, 5));
    assert.equal(through("const a: number = 1;"), "const a         = 1;");
  });

  it("needs no cache that can be written", () => {
    chmodSync(folder, 0o555);
    const file = join(REPOSITORY, "plan/mac.ts");
    assert.equal(stripped(file, join(folder, "missing")), stripped(file, folder));
    chmodSync(folder, 0o755);
  });

  it("keeps its hands off what is not this repository's TypeScript", () => {
    const url = (path: string): string => pathToFileURL(path).href;
    assert.equal(isOurs(url(join(REPOSITORY, "plan/mac.ts"))), true);
    for (const other of ["/elsewhere/plan/mac.ts", join(REPOSITORY, "node_modules/a/b.ts"), PRELOAD])
      assert.equal(isOurs(url(other)), false, other);
    assert.equal(isOurs("node:fs"), false);
  });

  it("still says what is wrong with a file that cannot be stripped", () => {
    assert.throws(() => through("enum Colour { red }"), /enum/);
  });

  it("runs programs from the cache, and as before where the cache has no place", () => {
    for (const XDG_CACHE_HOME of [folder, "/dev/null"]) {
      const environment = { ...process.env, XDG_CACHE_HOME };
      const program = 'import { formatAddress } from "./plan/ipv4.ts"; console.log(formatAddress(1))';
      const flags = ["--disable-warning=ExperimentalWarning", "--require", PRELOAD, "--input-type=module"];
      const options = { cwd: REPOSITORY, encoding: "utf8", env: environment } as const;
      assert.equal(execFileSync(process.execPath, [...flags, "--eval", program], options), "0.0.0.1\n");
    }
    assert.deepEqual(readdirSync(join(folder, "homelab-rack")).includes("stripped"), true);
  });

  it("keeps what the program has compiled from what plug-ins have: the SDK's flag of V8 makes them refuse each other's", () => {
    const shared = join(folder, "shared.js");
    const program = join(folder, "node_modules/@pulumi/pulumi/cmd/run/index.js");
    const plugin = join(folder, "plugin.js");
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(shared, "module.exports = () => 1;");
    writeFileSync(program, `require("node:v8").setFlagsFromString("--allow-natives-syntax"); require("${shared}")();`);
    writeFileSync(plugin, `require("${shared}")();`);
    const env = {
      ...process.env,
      XDG_CACHE_HOME: folder,
      NODE_DEBUG_NATIVE: "COMPILE_CACHE",
      NODE_COMPILE_CACHE: undefined,
    };
    const run = (entryPoint: string): string =>
      spawnSync(process.execPath, ["--require", PRELOAD, entryPoint], { env, encoding: "utf8" }).stderr;
    run(program);
    run(plugin);
    for (const entryPoint of [program, plugin]) {
      const said = run(entryPoint)
        .split("\n")
        .filter((line) => line.includes(shared));
      assert.ok(said.some((line) => line.includes("was accepted")));
      assert.ok(!said.some((line) => line.includes("was rejected")));
    }
  });
});
