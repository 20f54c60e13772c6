// Tells the engine which provider plug-ins, at which versions, the program's packages stand for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GetRequiredPackagesResponse } from "@pulumi/pulumi/proto/language_pb.js";
import { installedPackages } from "./installed-packages.ts";
import type { Sdk } from "./sdk.ts";

/** A plug-in as `package.json` names it. */
export interface PluginReference {
  readonly name: string;
  /** With a leading `v`. */
  readonly version: string;
  /** Where to download it from, empty for the usual place. */
  readonly server: string;
}

/** What `package.json` says of a plug-in: undefined where the package stands for none. */
export function pluginOf(manifest: Readonly<Record<string, unknown>>): PluginReference | undefined {
  const pulumi = manifest["pulumi"] as Readonly<Record<string, unknown>> | undefined;
  if (pulumi?.["resource"] !== true) return undefined;
  const packageName = String(manifest["name"] ?? "");
  const name = pulumi["name"] ?? (packageName.startsWith("@pulumi/") ? packageName.slice("@pulumi/".length) : "");
  // A package of somebody else has to name its plug-in; one that does not cannot be resolved by anybody.
  if (typeof name !== "string" || name === "") return undefined;
  const version = String(pulumi["version"] ?? manifest["version"] ?? "");
  return {
    name,
    version: version.startsWith("v") || version === "" ? version : `v${version}`,
    server: typeof pulumi["server"] === "string" ? pulumi["server"] : "",
  };
}

/** Answers the engine's question before a run. */
export function requiredPackages(sdk: Sdk, programDirectory: string): GetRequiredPackagesResponse {
  const response = new sdk.language.GetRequiredPackagesResponse();
  for (const directory of installedPackages(programDirectory)) {
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const found = pluginOf(manifest);
    if (!found) continue;
    const dependency = new sdk.plugin.PackageDependency()
      .setKind("resource")
      .setName(found.name)
      .setVersion(found.version)
      .setServer(found.server);
    const parameters = manifest.pulumi.parameterization;
    if (parameters) {
      dependency.setParameterization(
        new sdk.plugin.PackageParameterization()
          .setName(parameters.name)
          .setVersion(parameters.version)
          .setValue(parameters.value),
      );
    }
    response.addPackages(dependency);
  }
  return response;
}
