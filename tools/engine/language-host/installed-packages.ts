// Finds the packages below a program's node_modules.
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** Folders of all packages installed for the program in `directory`, nested ones included, each once. */
export function installedPackages(directory: string, seen: Set<string> = new Set()): string[] {
  const modules = join(directory, "node_modules");
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  const folders = names.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
  return folders.sort().flatMap((name) => {
    const linked = join(modules, name);
    if (!existsSync(join(linked, "package.json"))) return [];
    // A package of this repository is a link; its folder may be reached twice.
    const folder = realpathSync(linked);
    if (seen.has(folder)) return [];
    seen.add(folder);
    return [folder, ...installedPackages(folder, seen)];
  });
}
