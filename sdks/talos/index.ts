// `@pulumiverse/talos` 0.8.1, kept locally because not every npm registry carries it. Tokens and property names are those of the
// official schema, so replacing this folder by the published package is one line of package.json.
export * as client from "./client.ts";
export * as cluster from "./cluster.ts";
export * as imagefactory from "./imagefactory.ts";
export * as machine from "./machine.ts";
export { Provider, type ProviderArgs } from "./provider.ts";
