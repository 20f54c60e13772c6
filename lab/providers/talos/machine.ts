// Resources and functions of the module `machine`: secrets, configuration, apply, bootstrap.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type CheckFailure, fn, resource } from "../../plugin/contract.ts";
import { operatorCalendar } from "../../rack/clock.ts";
import type { Rack } from "../../rack/store.ts";
import { type ApplyMode, applyConfiguration, reset } from "../../rack/talos/apply.ts";
import { endOf } from "../../rack/talos/certificate.ts";
import { bootstrap } from "../../rack/talos/cluster.ts";
import { checkDecoding, parseDocuments } from "../../rack/talos/config-documents.ts";
import { generateConfiguration } from "../../rack/talos/config-generate.ts";
import { patchConfiguration } from "../../rack/talos/config-patch.ts";
import { talosVersions } from "../../rack/talos/image-factory.ts";
import {
  type ClientConfiguration,
  decode,
  generateSecrets,
  issueClient,
  type MachineSecrets,
  wantsRenewal,
} from "../../rack/talos/secrets.ts";
import { readSecretsFile } from "../../rack/talos/secrets-file.ts";
import { openAny, type TalosCall } from "../../rack/talos/talos-api.ts";
import { parseDurationSec } from "./durations.ts";

/** What the provider of this version assumes when no version is given. */
const DEFAULT_TALOS = "v1.13.0";
const DEFAULT_KUBERNETES = "v1.36.0";

interface SecretsState {
  talosVersion?: string;
  machineSecrets: MachineSecrets;
  clientConfiguration: ClientConfiguration;
}

function isClientEnding(rack: Rack, state: SecretsState): boolean {
  return wantsRenewal(endOf(decode(state.clientConfiguration.clientCertificate)), operatorCalendar(rack));
}

export const secrets = resource<{ talosVersion?: string }, SecretsState>({
  outdated: (rack, state) => (isClientEnding(rack, state) ? ["clientConfiguration"] : []),
  volatile: ["clientConfiguration"],
  create({ rack }, inputs) {
    const now = operatorCalendar(rack);
    const machineSecrets = generateSecrets(now);
    return {
      id: "machine_secrets",
      outputs: {
        talosVersion: inputs.talosVersion ?? "v1.13",
        machineSecrets,
        clientConfiguration: issueClient(machineSecrets, now),
      },
    };
  },
  read({ rack }, id, state) {
    if (state.machineSecrets !== undefined) return { outputs: state };
    // An import: the id is a file. The official plug-in takes its contents for as old as the format is.
    const machineSecrets = readSecretsFile(readFileSync(id, "utf8"));
    const clientConfiguration = issueClient(machineSecrets, operatorCalendar(rack));
    return { id: "machine_secrets", outputs: { talosVersion: "v1.3", machineSecrets, clientConfiguration } };
  },
  update({ rack }, _, inputs, state) {
    const { machineSecrets, clientConfiguration } = state;
    const renewed = isClientEnding(rack, state)
      ? issueClient(machineSecrets, operatorCalendar(rack))
      : clientConfiguration;
    return { ...inputs, machineSecrets, clientConfiguration: renewed };
  },
  delete() {},
});

interface Access {
  node: string;
  endpoint?: string;
  clientConfiguration?: ClientConfiguration;
  clientConfigurationWo?: ClientConfiguration;
  timeouts?: { create?: string; update?: string; delete?: string; read?: string };
}

/** How a resource addresses its node. */
export function callOf(inputs: Access, timeout: string | undefined): TalosCall {
  const client = inputs.clientConfiguration ?? inputs.clientConfigurationWo;
  if (!client)
    throw new Error("Client configuration issue: either client_configuration or client_configuration_wo must be set");
  return { node: inputs.node, endpoint: inputs.endpoint ?? inputs.node, client, timeoutSec: parseDurationSec(timeout) };
}

function exactlyOne(inputs: object, one: string, other: string): CheckFailure[] {
  const given = [one, other].filter((key) => (inputs as Record<string, unknown>)[key] !== undefined);
  if (given.length === 1) return [];
  return [
    {
      property: one,
      reason: `Invalid Attribute Combination: exactly one of these attributes must be configured: [${one}, ${other}]`,
    },
  ];
}

interface ApplyInputs extends Access {
  machineConfigurationInput?: string;
  machineConfigurationInputWo?: string;
  configPatches?: string[];
  applyMode?: ApplyMode;
  onDestroy?: { graceful?: boolean; reboot?: boolean; reset?: boolean };
}

interface ApplyState extends ApplyInputs {
  machineConfiguration?: string;
  machineConfigurationHash?: string;
  resolvedApplyMode?: string;
}

function apply(rack: Rack, inputs: ApplyInputs, timeout: string | undefined): Partial<ApplyState> {
  const text = inputs.machineConfigurationInput ?? inputs.machineConfigurationInputWo ?? "";
  const configuration = patchConfiguration(text, inputs.configPatches ?? []);
  const mode = inputs.applyMode ?? "auto";
  // A dry run that finds that a restart is needed resolves to `staged`; on a new node there is nothing to compare.
  const resolved = mode === "staged_if_needing_reboot" ? "auto" : mode;
  applyConfiguration(rack, callOf(inputs, timeout), configuration, resolved);
  const isWriteOnly = inputs.machineConfigurationInput === undefined;
  return {
    applyMode: mode,
    endpoint: inputs.endpoint ?? inputs.node,
    resolvedApplyMode: resolved,
    machineConfigurationHash: createHash("sha256").update(configuration).digest("hex"),
    ...(isWriteOnly ? {} : { machineConfiguration: configuration }),
  };
}

export const configurationApply = resource<ApplyInputs, ApplyState>({
  latencyMs: { create: 2_000, update: 2_000, delete: 500 },
  replaces: ["node"],
  volatile: ["machineConfiguration", "machineConfigurationHash", "resolvedApplyMode"],
  check: (inputs) => [
    ...exactlyOne(inputs, "clientConfiguration", "clientConfigurationWo"),
    ...exactlyOne(inputs, "machineConfigurationInput", "machineConfigurationInputWo"),
  ],
  create: ({ rack }, inputs) => ({
    id: "machine_configuration_apply",
    outputs: apply(rack, inputs, inputs.timeouts?.create),
  }),
  // The official one looks at nothing: what was changed on the node is not seen.
  read: (_, __, state) => ({ outputs: state }),
  update: ({ rack }, _, inputs) => apply(rack, inputs, inputs.timeouts?.update),
  delete({ rack }, _, state) {
    if (state.onDestroy?.reset !== true) return;
    reset(rack, callOf(state, state.timeouts?.delete), state.onDestroy.graceful ?? true);
  },
});

export const bootstrapResource = resource<Access>({
  latencyMs: { create: 1_000 },
  check: (inputs) => exactlyOne(inputs, "clientConfiguration", "clientConfigurationWo"),
  create({ rack }, inputs) {
    bootstrap(rack, callOf(inputs, inputs.timeouts?.create));
    return { id: "machine_bootstrap", outputs: { endpoint: inputs.endpoint ?? inputs.node } };
  },
  read: (_, __, state) => ({ outputs: state }),
  update: () => ({}),
  delete() {},
});

interface ConfigurationArgs {
  clusterName: string;
  clusterEndpoint: string;
  machineSecrets: MachineSecrets;
  machineType: "controlplane" | "worker";
  configPatches?: string[];
  kubernetesVersion?: string;
  talosVersion?: string;
}

/** The oldest contract is of no interest: only versions that the factory builds are taken. */
function checkVersion(version: string): void {
  if (!/^v\d+\.\d+(\.\d+)?/.test(version))
    throw new Error(`talos_version: "${version}" is not a version; write it with its v, e.g. ${talosVersions.at(-1)}`);
}

export const getConfiguration = fn<ConfigurationArgs, { id: string; machineConfiguration: string }>({
  call(_, args) {
    if (!/^https:\/\/[^/]+:\d+$/.test(args.clusterEndpoint)) {
      throw new Error(
        `cluster_endpoint is invalid: "${args.clusterEndpoint}" must be of the form https://<host>:<port>`,
      );
    }
    if (args.machineType !== "controlplane" && args.machineType !== "worker")
      throw new Error(`unknown machine type "${String(args.machineType)}"`);
    const talosVersion = args.talosVersion ?? DEFAULT_TALOS;
    checkVersion(talosVersion);
    const base = generateConfiguration({
      clusterName: args.clusterName,
      clusterEndpoint: args.clusterEndpoint,
      machineType: args.machineType,
      secrets: args.machineSecrets,
      talosVersion,
      kubernetesVersion: `v${(args.kubernetesVersion ?? DEFAULT_KUBERNETES).replace(/^v/, "")}`,
    });
    const machineConfiguration = patchConfiguration(base, args.configPatches ?? []);
    checkDecoding(parseDocuments(machineConfiguration));
    return { id: args.clusterName, machineConfiguration };
  },
});

interface DisksArgs extends Access {
  selector?: string;
}

export const getDisks = fn<DisksArgs, { id: string; disks: object[] }>({
  call({ rack }, args) {
    const { machine } = openAny(rack, callOf(args, args.timeouts?.read));
    const disks = machine.disks.map(({ device, sizeGiB }) => ({
      devPath: device,
      prettySize: `${sizeGiB} GiB`,
      size: String(sizeGiB * 2 ** 30),
      transport: device.includes("nvme") ? "nvme" : "virtio",
      readonly: false,
      rotational: false,
      cdrom: false,
    }));
    return { id: "machine_disks", disks };
  },
});
