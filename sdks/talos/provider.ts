// The provider of the talos package.
import * as pulumi from "@pulumi/pulumi";
import { resourceOptions } from "./package-options.ts";

/** Arguments of {@link Provider}. */
export interface ProviderArgs {
  /** @default - https://factory.talos.dev */
  imageFactoryUrl?: pulumi.Input<string>;
}

/** An explicit configuration of the talos provider. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    super("talos", name, { imageFactoryUrl: args.imageFactoryUrl }, resourceOptions(opts));
  }
}
