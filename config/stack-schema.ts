// The JSON Schema of a whole Pulumi.<stack>.yaml: editors complete and check the file by it before anything runs.
import { z } from "zod";
import { environmentSchema } from "./schema.ts";
import { simulationSchema } from "./simulation.ts";
import { namespace } from "./stack-file.ts";

/** JSON Schema as data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const secret = (what: string): JsonSchema => ({
  description: `${what}; set it with pulumi config set --secret`,
  anyOf: [{ type: "string" }, { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] }],
});

/** Settings beside the description: how this stack reaches its rack. */
const settings: Readonly<Record<string, JsonSchema>> = {
  proxmoxApiToken: secret("API token of Proxmox, e.g. root@pam!pulumi=…"),
  proxmoxEndpoint: { type: "string", description: "URL of the Proxmox API; default: the first host's" },
  proxmoxInsecure: {
    type: ["boolean", "string"],
    description: "whether the certificate of the API goes unchecked; default: false",
  },
  sshPrivateKey: secret("SSH key for root on the hosts"),
  sshUser: { type: "string", description: "user on the hosts; default: root" },
  sshProxyHost: { type: "string", description: "jump host on the way to the hosts" },
  sshHostKeys: {
    type: "object",
    additionalProperties: { type: "string" },
    description: "host to its public host key, as in known_hosts",
  },
  diskPassphrase: secret("passphrase of the nodes' volumes whose key is static"),
  amtPassword: secret("password of admin at the AMT of hosts that the program switches on (outOfBand.firstBoot)"),
  imageFactoryUrl: { type: "string", description: "Talos image factory; default: https://factory.talos.dev" },
  talosSecretsFile: {
    type: "string",
    description: "file with the secrets of a cluster that lives and that the state does not know; default: none",
  },
  protect: {
    type: ["boolean", "string"],
    description: "whether what holds data refuses to be destroyed; default: true",
  },
};

/** The schema of the environment alone. */
export function environmentJsonSchema(): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(environmentSchema, { io: "input" });
  return schema;
}

/** The schema of the simulated twin's settings alone. */
export function simulationJsonSchema(): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(simulationSchema, { io: "input" });
  return schema;
}

/** The settings beside the description, by key without its namespace. */
export function settingSchemas(): Readonly<Record<string, JsonSchema>> {
  return settings;
}

/** The schema of a stack file; keys of other namespaces are nobody's business here. */
export function stackJsonSchema(): JsonSchema {
  const own = Object.entries(settings).map(([key, schema]) => [`${namespace}:${key}`, schema]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Pulumi stack file of a rack",
    type: "object",
    properties: {
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      encryptionsalt: { type: "string" },
      environment: { description: "Pulumi ESC environments to import" },
      config: {
        type: "object",
        properties: {
          [`${namespace}:environment`]: environmentJsonSchema(),
          [`${namespace}:simulation`]: simulationJsonSchema(),
          ...Object.fromEntries(own),
        },
        patternProperties: { [`^(?!${namespace}:)[^:]+:`]: {} },
        additionalProperties: false,
      },
    },
    required: ["config"],
    additionalProperties: false,
  };
}
