// Builds Pulumi from the Go module proxy, for machines that Pulumi's own download site is out of reach of. The modules
// are pinned with their checksums in tools/engine/go.
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { goEnvironment } from "./go-environment.ts";
import { withProgress } from "./progress.mjs";
import { capture } from "./run-command.mjs";
import { compareVersions } from "./versions.mjs";

const MAIN = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const PINS = join(import.meta.dirname, "go");
/** What the modules ask for in their go.mod. */
const OLDEST_GO = "1.25.0";

/** Why the present Go cannot build Pulumi; empty where it can. `goVersion` is what `go env GOVERSION` prints. */
export function goMismatch(code: number, goVersion: string): string {
  if (code === 127) return "there is no Go on PATH";
  const [, version] = /go(\d+\.\d+(?:\.\d+)?)/.exec(goVersion) ?? [];
  if (version === undefined) return `go does not say its version (${JSON.stringify(goVersion.trim())})`;
  const full = version.split(".").length === 2 ? `${version}.0` : version;
  return compareVersions(full, OLDEST_GO) < 0 ? `Go ${version} is too old, ${OLDEST_GO} is needed` : "";
}

/** Builds the engine into `home`. What Go has compiled stays in Go's own cache, so a broken build goes on there. */
export async function buildEngine(version: string, home: string): Promise<void> {
  const work = `${home}.build`;
  mkdirSync(work, { recursive: true });
  // In the folder of the pins: a newer Go that go.mod asks for is fetched by Go itself where it is allowed to.
  for (const name of ["go.mod", "go.sum"]) copyFileSync(join(PINS, name), join(work, name));
  const go = await capture("go", ["env", "GOVERSION"], { cwd: work });
  const mismatch = goMismatch(go.code, go.stdout);
  if (mismatch !== "") throw new Error(mismatch);
  const run = async (goArguments: string[], onLine: (line: string) => void): Promise<string> => {
    const { code, stdout, stderr } = await capture("go", goArguments, { cwd: work, env: goEnvironment, onLine });
    if (code === 0) return stdout;
    throw new Error(`go ${goArguments[0]} ended with exit code ${code}: ${lastLines(stderr)}`);
  };
  // Listing what is to be compiled fetches exactly that.
  const packages = await withProgress(`sources of Pulumi ${version} from the Go module proxy`, async (say) => {
    let fetched = 0;
    const listed = await run(["list", "-deps", MAIN], () => {
      fetched += 1;
      say(`${fetched} modules`);
    });
    return listed.split("\n").length;
  });
  await withProgress(`Pulumi ${version} from source (about three minutes on two cores, once)`, async (say) => {
    let compiled = 0;
    const linking = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    const flags = ["-v", "-tags", "osusergo,grpcnotrace", "-trimpath", "-buildvcs=false", "-ldflags", linking];
    await run(["build", ...flags, "-o", join(work, "pulumi"), MAIN], () => {
      compiled += 1;
      say(`${compiled} of up to ${packages} packages`);
    });
  });
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  chmodSync(join(work, "pulumi"), 0o755);
  renameSync(join(work, "pulumi"), join(bin, "pulumi"));
  rmSync(work, { recursive: true, force: true });
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-4).join("\n");
}
