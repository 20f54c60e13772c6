// Lists the program's packages for `pulumi about` and the update's metadata.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  GetProgramDependenciesRequest,
  GetProgramDependenciesResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import { installedPackages } from "./installed-packages.ts";
import type { Sdk } from "./sdk.ts";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The installed versions of what package.json asks for, or of everything where transitive ones are wanted. */
export function programDependencies(sdk: Sdk, request: GetProgramDependenciesRequest): GetProgramDependenciesResponse {
  const directory = request.getInfo()?.getProgramDirectory() ?? process.cwd();
  const own = readManifest(directory);
  const direct = new Set(Object.keys({ ...own.dependencies, ...own.devDependencies }));
  const response = new sdk.language.GetProgramDependenciesResponse();
  for (const { name = "", version = "" } of installedPackages(directory).map(readManifest)) {
    if (!request.getTransitivedependencies() && !direct.has(name)) continue;
    response.addDependencies(new sdk.language.DependencyInfo().setName(name).setVersion(version));
  }
  return response;
}

function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
}
