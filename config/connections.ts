// How the program gets at the rack: endpoints and credentials. A simulated rack is named by hosts under `.rack.invalid` (RFC 2606), so
// that official plug-ins can never reach anything with them; nothing behind this file knows which of the two it is.
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../plan/plan.ts";
import { PlanError, type Problem } from "../plan/problems.ts";
import { type Simulation, simulatedSecret } from "./simulation.ts";
import { namespace } from "./stack-file.ts";

/** Endpoints and credentials of one stack. */
export interface Connections {
  readonly proxmox: {
    /** e.g. `https://10.8.16.10:8006/`. */
    readonly endpoint: string;
    readonly apiToken: pulumi.Output<string>;
    /** Whether the API's certificate goes unchecked. */
    readonly insecure: boolean;
  };
  readonly ssh: {
    readonly user: string;
    readonly privateKey: pulumi.Output<string>;
    /** Host to its public host key, in the form of known_hosts; a host without one is trusted on first use. */
    readonly hostKeys: Readonly<Record<string, string>>;
    /** Jump host. */
    readonly proxyHost?: string;
  };
  readonly imageFactoryUrl: string;
  /** Whether what holds data or identity refuses to be deleted. */
  readonly protect: boolean;
  /** Passphrase of the nodes' volumes whose key is static; absent: there are none. */
  readonly diskPassphrase?: pulumi.Output<string>;
  /** Password of AMT's administrator; absent: no machine is switched on by the program. */
  readonly amtPassword?: pulumi.Output<string>;
  /** File with the secrets of a cluster that the state does not know. @default - the state has them, or new ones are made */
  readonly talosSecretsFile?: string;
  /** `proxy-url` of the kubeconfig. */
  readonly kubernetesProxyUrl?: string;
  /** Variables of scripts that run on this machine (talosctl, kubectl), e.g. a proxy. */
  readonly operatorEnvironment: Readonly<Record<string, string>>;
}

function secretsFile(config: pulumi.Config): Pick<Connections, "talosSecretsFile"> {
  const file = config.get("talosSecretsFile");
  return file === undefined ? {} : { talosSecretsFile: file };
}

/** Connections of a simulated rack. Credentials that are configured are used as on a real one; there is no need for any. */
export function simulatedConnections(simulation: Simulation, config: pulumi.Config): Connections {
  const domain = `${simulation.rack}.rack.invalid`;
  const secret = (key: string): pulumi.Output<string> => config.getSecret(key) ?? pulumi.secret(simulatedSecret);
  return {
    proxmox: { endpoint: `https://${domain}:8006/`, apiToken: secret("proxmoxApiToken"), insecure: false },
    ssh: {
      user: "root",
      privateKey: secret("sshPrivateKey"),
      hostKeys: config.getObject<Record<string, string>>("sshHostKeys") ?? {},
      proxyHost: `ssh.${domain}`,
    },
    imageFactoryUrl: `https://factory.${domain}`,
    protect: config.getBoolean("protect") ?? false,
    diskPassphrase: secret("diskPassphrase"),
    amtPassword: secret("amtPassword"),
    ...secretsFile(config),
    kubernetesProxyUrl: `http://${domain}`,
    operatorEnvironment: { HTTPS_PROXY: `http://${domain}` },
  };
}

/**
 * Connections of a real rack, from the stack's configuration.
 * @throws PlanError naming every secret that is missing and the command that sets it
 */
export function realConnections(plan: Plan, config: pulumi.Config, stack: string): Connections {
  const problems = missingSecrets(plan, config, stack);
  if (problems.length > 0) throw new PlanError(problems, `Pulumi.${stack}.yaml`);
  const proxyHost = config.get("sshProxyHost");
  const diskPassphrase = config.getSecret("diskPassphrase");
  const amtPassword = config.getSecret("amtPassword");
  return {
    proxmox: {
      endpoint: config.get("proxmoxEndpoint") ?? `https://${plan.hosts[0]?.managementAddress ?? ""}:8006/`,
      apiToken: config.getSecret("proxmoxApiToken") ?? pulumi.secret(""),
      insecure: config.getBoolean("proxmoxInsecure") ?? false,
    },
    ssh: {
      user: config.get("sshUser") ?? "root",
      privateKey: config.getSecret("sshPrivateKey") ?? pulumi.secret(""),
      hostKeys: config.getObject<Record<string, string>>("sshHostKeys") ?? {},
      ...(proxyHost === undefined ? {} : { proxyHost }),
    },
    imageFactoryUrl: config.get("imageFactoryUrl") ?? "https://factory.talos.dev",
    protect: config.getBoolean("protect") ?? true,
    ...(diskPassphrase === undefined ? {} : { diskPassphrase }),
    ...(amtPassword === undefined ? {} : { amtPassword }),
    ...secretsFile(config),
    operatorEnvironment: {},
  };
}

/** Secrets that the plan needs and nobody has set, with the command that sets each. */
function missingSecrets(plan: Plan, config: pulumi.Config, stack: string): Problem[] {
  const isProxmox = plan.platform === "proxmox";
  const hasPassphrase = plan.nodes.some(({ encryption }) => Object.values(encryption).includes("static"));
  const switchedOn = plan.amtFirstBoots.map(({ host }) => host);
  const needed = [
    {
      isNeeded: isProxmox,
      key: "proxmoxApiToken",
      what: "the Proxmox API token",
      input: ` 'root@pam!pulumi=…' -s ${stack}`,
    },
    {
      isNeeded: isProxmox,
      key: "sshPrivateKey",
      what: "the SSH key for root on the hosts",
      input: ` -s ${stack} < ~/.ssh/id_ed25519`,
    },
    {
      isNeeded: hasPassphrase,
      key: "diskPassphrase",
      what: "the passphrase of the nodes' disks",
      input: ` -s ${stack}`,
    },
    {
      isNeeded: switchedOn.length > 0,
      key: "amtPassword",
      what: `the password of AMT, which switches on ${switchedOn.join(", ")},`,
      input: ` -s ${stack}`,
    },
  ];
  return needed
    .filter(({ isNeeded, key }) => isNeeded && config.getSecret(key) === undefined)
    .map(({ key, what, input }) => ({
      code: "secret-missing",
      severity: "error",
      path: `${namespace}:${key}`,
      message: `${what} is not set; run: pulumi config set --secret ${namespace}:${key}${input}`,
    }));
}
