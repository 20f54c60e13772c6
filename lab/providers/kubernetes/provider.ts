// The simulated kubernetes plug-in (official: pulumi/kubernetes 4): every kind of object, and Helm releases.
import { parseAllDocuments } from "yaml";
import { fn, type Provider } from "../../plugin/contract.ts";
import { readKubeconfig } from "../../rack/kubernetes/api-server.ts";
import { rackNameFromKubeconfig } from "../../rack/rack-name.ts";
import { objectResource } from "./object.ts";
import { patch } from "./patch.ts";
import { release } from "./release.ts";

function rackNameOf(config: Readonly<Record<string, unknown>>): string {
  const { kubeconfig } = config;
  // A path or the user's own ~/.kube/config would be somebody's real cluster.
  if (typeof kubeconfig !== "string" || !kubeconfig.includes("\n")) return rackNameFromKubeconfig(undefined);
  return rackNameFromKubeconfig(readKubeconfig(kubeconfig).proxyUrl);
}

const handlers = new Map<string, ReturnType<typeof objectResource>>();

/** The provider, as it is served and as tests call it. */
export const kubernetes: Provider = {
  name: "kubernetes",
  version: "4.34.2",
  rackName: rackNameOf,
  resources: { "kubernetes:helm.sh/v3:Release": release },
  resourceFor(token) {
    if (!/^kubernetes:[^:]+\/[^:]+:[A-Z]\w*$/.test(token) || /:(helm\.sh|yaml|kustomize)\//.test(token))
      return undefined;
    if (token.endsWith("Patch")) return patch;
    let handler = handlers.get(token);
    if (!handler) {
      handler = objectResource(token);
      handlers.set(token, handler);
    }
    return handler;
  },
  // The client library waits as long as the answer asks it to (k8s.io/client-go/rest/with_retry.go).
  retries: [{ call: /./, error: /\b429\b|Too Many Requests/, tries: 11 }],
  functions: {
    // What `yaml.ConfigFile` asks for.
    "kubernetes:yaml:decode": fn<{ text: string; defaultNamespace?: string }, { result: unknown[] }>({
      call: (_, { text }) => ({
        result: parseAllDocuments(text).flatMap((document) => (document.toJS() as unknown) ?? []),
      }),
    }),
  },
};
