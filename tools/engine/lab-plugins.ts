// Puts the lab's plug-ins where Pulumi looks for installed ones: in a PULUMI_HOME of the lab's own, under the very
// versions that the program's packages ask for. From PATH they would serve as well, with a warning for each at each run,
// and the official stacks could meet them there.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installedPackages } from "./language-host/installed-packages.ts";
import { type PluginReference, pluginOf } from "./language-host/required-packages.ts";

const PREFIX = "pulumi-resource-";

/** Links every plug-in in `bin` that a package of `repository` stands for into `pulumiHome`. */
export function installLabPlugins(repository: string, bin: string, pulumiHome: string): void {
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
