// Answer files of the Proxmox installer, read with Python's TOML and held against the keys that the installer knows. It refuses all others, and so
// does this. Its own checker is in no registry (pve-installer, proxmox-auto-installer/src/answer.rs).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { capture } from "../../tools/engine/run-command.mjs";

const filter = z.record(z.string(), z.string().min(1)).refine((keys) => Object.keys(keys).length > 0, "must be set");

/** A host's answers as the program gives them: every required key, none that there is not. */
const answerSchema = z.strictObject({
  global: z.strictObject({
    country: z.string().regex(/^[a-z]{2}$/),
    fqdn: z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/),
    keyboard: z.string().regex(/^[a-z]{2}(-[a-z]{2})?$/),
    mailto: z.email(),
    timezone: z.string(),
    "root-password-hashed": z.string(),
    "root-ssh-keys": z.array(z.string()),
    "reboot-mode": z.enum(["reboot", "power-off"]).optional(),
    "reboot-on-error": z.boolean().optional(),
  }),
  // All four belong to addresses that are given: without one of them the installer stops.
  network: z.strictObject({
    source: z.literal("from-answer"),
    cidr: z.cidrv4(),
    dns: z.ipv4(),
    gateway: z.ipv4(),
    filter,
  }),
  "disk-setup": z.strictObject({ filesystem: z.enum(["ext4", "xfs"]), filter }),
  "first-boot": z.strictObject({
    source: z.literal("from-iso"),
    ordering: z.enum(["before-network", "network-online", "fully-up"]),
  }),
});

const read = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))";

/** Version of the Python that reads; undefined where there is none with TOML. */
export async function pythonWithToml(): Promise<string | undefined> {
  const { code, stdout } = await capture("python3", ["-c", "import sys, tomllib; print(sys.version.split()[0])"]);
  return code === 0 ? stdout.trim() : undefined;
}

/** What is wrong with an answer file, a line each. */
export async function answerFileErrors(text: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "answer-"));
  try {
    const file = join(folder, "answer.toml");
    writeFileSync(file, text);
    const { code, stdout, stderr } = await capture("python3", ["-c", read, file]);
    if (code !== 0) return [stderr.trim().split("\n").at(-1) ?? ""];
    const parsed = answerSchema.safeParse(JSON.parse(stdout));
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
