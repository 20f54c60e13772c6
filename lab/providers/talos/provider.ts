// The simulated talos plug-in (official: pulumiverse/talos 0.8.1).
import type { Provider } from "../../plugin/contract.ts";
import { loadTable } from "../../plugin/table.ts";
import { rackNameFromFactory } from "../../rack/rack-name.ts";
import { RETRY_SEC } from "../../rack/talos/talos-api.ts";
import { getHealth, getKubeconfig, getTalosconfig, kubeconfig } from "./cluster.ts";
import { getExtensionsVersions, getUrls, getVersions, schematic } from "./image-factory.ts";
import { bootstrapResource, configurationApply, getConfiguration, getDisks, secrets } from "./machine.ts";

/** The provider, as it is served and as tests call it. */
export const talos: Provider = {
  name: "talos",
  version: "0.8.1",
  table: loadTable("talos"),
  rackName: (config) => rackNameFromFactory(config["imageFactoryUrl"] as string | undefined),
  resources: {
    "talos:machine/secrets:Secrets": secrets,
    "talos:machine/configurationApply:ConfigurationApply": configurationApply,
    "talos:machine/bootstrap:Bootstrap": bootstrapResource,
    "talos:cluster/kubeconfig:Kubeconfig": kubeconfig,
    "talos:imageFactory/schematic:Schematic": schematic,
  },
  // pkg/talos/talos_machine_configuration_apply_resource.go and its neighbours: again, with growing pauses, whatever the answer was, but
  // for one that says that the call itself is wrong.
  retries: [
    {
      call: /^(create|update) talos:(machine\/(configurationApply|bootstrap)|cluster\/kubeconfig):/,
      error: /^(?![\s\S]*InvalidArgument)/,
      tries: 60,
    },
  ],
  givesUp: { afterSec: RETRY_SEC, error: "context deadline exceeded" },
  functions: {
    "talos:machine/getConfiguration:getConfiguration": getConfiguration,
    "talos:machine/getDisks:getDisks": getDisks,
    "talos:client/getConfiguration:getConfiguration": getTalosconfig,
    "talos:cluster/getHealth:getHealth": getHealth,
    "talos:cluster/getKubeconfig:getKubeconfig": getKubeconfig,
    "talos:imageFactory/getUrls:getUrls": getUrls,
    "talos:imageFactory/getVersions:getVersions": getVersions,
    "talos:imageFactory/getExtensionsVersions:getExtensionsVersions": getExtensionsVersions,
  },
};
