// The lab's own PULUMI_HOME. Its plug-ins stand where Pulumi looks for installed ones, under the very versions that the program's
// packages ask for: from PATH they would serve as well, with a warning for each at each run, and the official stacks could
// meet them there.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackages } from "./language-host/installed-packages.ts";
import { type PluginReference, pluginOf } from "./language-host/required-packages.ts";

const PREFIX = "pulumi-resource-";

/** Prepares `pulumiHome`, with a link to every plug-in in `bin` that a package of `repository` stands for. */
export function furnishPulumiHome(repository: string, bin: string, pulumiHome: string): void {
  mkdirSync(pulumiHome, { recursive: true });
  keepNoLogs(join(pulumiHome, "logs"));
  installPlugins(repository, bin, pulumiHome);
}

/**
 * Pulumi packs every message between its parts into a log at every run, encrypted for the stack: a seventh of a preview's time, and
 * nothing that turns it off. Where the folder cannot be made, it does without. On real hardware nothing changes.
 */
function keepNoLogs(logs: string): void {
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, "");
}

function installPlugins(repository: string, bin: string, pulumiHome: string): void {
  if (!existsSync(bin)) return;
  const required = installedPackages(repository).flatMap((folder): PluginReference[] => {
    const plugin = pluginOf(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    return plugin === undefined ? [] : [plugin];
  });
  for (const file of readdirSync(bin).filter((name) => name.startsWith(PREFIX))) {
    for (const { name, version } of required) {
      if (file === PREFIX + name)
        link(join(bin, file), join(pulumiHome, "plugins", `resource-${name}-${version}`), file);
    }
  }
}

function link(program: string, folder: string, name: string): void {
  const text = `#!/bin/sh\nexec '${program.replaceAll("'", String.raw`'\''`)}' "$@"\n`;
  const file = join(folder, name);
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(folder, { recursive: true });
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, text, { mode: 0o755 });
  renameSync(part, file);
}
