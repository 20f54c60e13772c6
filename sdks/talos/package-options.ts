// Which plug-in serves this package. The version is the package's own, as in every generated SDK.
import * as pulumi from "@pulumi/pulumi";
import packageJson from "./package.json" with { type: "json" };

const plugin = { version: packageJson.version, pluginDownloadURL: packageJson.pulumi.server };

/** Options of a resource of this package: the plug-in it needs, and which of its outputs are secret by the schema. */
export function resourceOptions(
  options: pulumi.CustomResourceOptions | undefined,
  additionalSecretOutputs: string[] = [],
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions(pulumi.mergeOptions(plugin, options), { additionalSecretOutputs });
}

/** Options of a function call of this package. */
export function invokeOptions(options: pulumi.InvokeOutputOptions | undefined): pulumi.InvokeOutputOptions {
  return { ...plugin, ...options };
}

/** Marks an input secret where the schema does; an absent input stays absent. */
export function secretInput<T>(value: pulumi.Input<T> | undefined): pulumi.Output<pulumi.Unwrap<T>> | undefined {
  return value === undefined ? undefined : pulumi.secret(value);
}
