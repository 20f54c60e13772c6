#!/usr/bin/env node
// `lab …` and `npx lab …`, on any Node.js from 18: the start script finds one that reads TypeScript and runs tools/lab.ts.
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const start = join(dirname(realpathSync(fileURLToPath(import.meta.url))), "..", "tools", "start.mjs");
const { status } = spawnSync(process.execPath, [start, "lab", ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
