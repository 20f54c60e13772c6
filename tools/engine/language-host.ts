// Puts the stand-in Node.js language host where the engine finds it. It stands beside the engine, as the official one
// does: from anywhere else on PATH the engine would warn about it at every run.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const NAME = "pulumi-language-nodejs";
const SOURCE = join(import.meta.dirname, "language-host");

/** Whether a folder holds a language host: any, or the official one. */
export function hasLanguageHost(bin: string, which: "any" | "official"): boolean {
  const file = join(bin, NAME);
  if (!existsSync(file)) return false;
  return which === "any" || readFileSync(file).subarray(0, 2).toString() !== "#!";
}

/** Brings the stand-in under `home` up to date; returns the folder to have on PATH. */
export function ensureLanguageHost(home: string): string {
  const [bin, code] = [join(home, "bin"), join(home, "language-host")];
  if (!isCurrent(bin, code)) {
    mkdirSync(bin, { recursive: true });
    replaceFolder(code, (part) => {
      cpSync(SOURCE, part, { recursive: true, filter: (file) => !file.endsWith(NAME) });
      // Outside this repository nothing says that the files are ES modules.
      writeFileSync(join(part, "package.json"), '{ "type": "module" }\n');
    });
    const launcher = join(bin, `${NAME}.${process.pid}.part`);
    writeFileSync(launcher, readFileSync(join(SOURCE, NAME)));
    chmodSync(launcher, 0o755);
    renameSync(launcher, join(bin, NAME));
  }
  return bin;
}

function isCurrent(bin: string, code: string): boolean {
  return readdirSync(SOURCE).every((name) => {
    const copy = join(name === NAME ? bin : code, name);
    return existsSync(copy) && readFileSync(copy).equals(readFileSync(join(SOURCE, name)));
  });
}

/** Fills a folder aside and puts it in place of the old one, so that a killed run leaves no half of it. */
function replaceFolder(folder: string, fill: (part: string) => void): void {
  const part = `${folder}.${process.pid}.part`;
  const old = `${folder}.${process.pid}.old`;
  rmSync(part, { recursive: true, force: true });
  fill(part);
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(part, folder);
  rmSync(old, { recursive: true, force: true });
}
