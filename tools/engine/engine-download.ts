// Takes the official release of Pulumi, checked against the SHA-256 that Pulumi publishes with it.
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheLayout } from "./cache.mjs";
import { download, fetchText } from "./download.ts";
import { withProgress } from "./progress.mjs";
import { capture } from "./run-command.mjs";

const ARCHIVES = "https://get.pulumi.com/releases/sdk";
// From another place than the archive: whoever swaps one would have to swap both.
const CHECKSUMS = "https://github.com/pulumi/pulumi/releases/download";

/** Name of the release archive for a platform; throws where Pulumi publishes none. */
export function archiveName(version: string, os: NodeJS.Platform, arch: string): string {
  if (!["linux", "darwin"].includes(os) || !["x64", "arm64"].includes(arch)) {
    throw new Error(`Pulumi publishes no archive for ${os} ${arch} that this could unpack`);
  }
  return `pulumi-v${version}-${os}-${arch}.tar.gz`;
}

/** The SHA-256 of one file from the text of a checksum file. */
export function checksumOf(file: string, checksums: string): string {
  const line = checksums.split("\n").find((text) => text.trim().split(/\s+/)[1]?.replace(/^\*/, "") === file);
  const sum = line?.trim().split(/\s+/)[0] ?? "";
  if (!/^[0-9a-f]{64}$/.test(sum)) throw new Error(`the published checksums do not list ${file}`);
  return sum;
}

/** Fetches the release into `home`. */
export async function downloadEngine(version: string, home: string): Promise<void> {
  const archive = archiveName(version, process.platform, process.arch);
  const expected = checksumOf(archive, await fetchText(`${CHECKSUMS}/v${version}/pulumi-${version}-checksums.txt`));
  const file = join(cacheLayout().downloads, archive);
  await withProgress(`official release of Pulumi ${version}`, async (say) => {
    await download(`${ARCHIVES}/${archive}`, file, say);
    const found = await sha256(file);
    if (found !== expected) {
      rmSync(file);
      throw new Error(`${archive} has the SHA-256 ${found}, published is ${expected}; the download was thrown away`);
    }
    await unpack(file, home);
  });
  rmSync(file);
}

async function unpack(archive: string, home: string): Promise<void> {
  const part = `${home}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const { code, stderr } = await capture("tar", ["-xzf", archive, "-C", part]);
  if (code !== 0) throw new Error(`tar could not unpack ${archive}: ${stderr.trim()}`);
  // All programs lie in one folder `pulumi` of the archive.
  renameSync(join(part, "pulumi"), join(part, "bin"));
  if (!existsSync(join(part, "bin", "pulumi"))) throw new Error(`${archive} holds no pulumi`);
  mkdirSync(dirname(home), { recursive: true });
  rmSync(home, { recursive: true, force: true });
  renameSync(part, home);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}
