// Commands on a host by SSH, for what the Proxmox API cannot do.
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** How the hosts are logged in to. */
export interface SshAccess {
  readonly user: string;
  /** Secret. */
  readonly privateKey: pulumi.Input<string>;
  /** Public host key by host name. @default - a host that is not listed is trusted as it is */
  readonly hostKeys?: Readonly<Record<string, string>>;
  /** Jump host, for the same user and key. @default - straight to the host */
  readonly proxyHost?: string;
}

/** A host as SSH finds it. */
export interface SshHost {
  readonly name: string;
  readonly managementAddress: string;
}

/** Arguments of {@link createHostCommand}. */
export interface HostCommandArgs {
  readonly ssh: SshAccess;
  readonly host: SshHost;
  /** Safe to be run again: it is, whenever its text changes. */
  readonly script: string;
  /** What undoes it. @default - nothing */
  readonly undo?: string;
  /** What earlier steps found out. @default - nothing */
  readonly stdin?: pulumi.Input<string>;
  /** Whether stdout is a secret: it is then kept out of the log. @default - no */
  readonly printsSecret?: boolean;
}

/**
 * 25 attempts, at first shortly after each other and later 5 s apart, are a minute and a half: as long as a host takes to start again. One
 * that does not answer at all costs another 6 s each.
 */
const patience = { dialErrorLimit: 25, perDialTimeout: 6 };

/** The way to one host. */
function sshConnection(ssh: SshAccess, host: SshHost): command.types.input.remote.ConnectionArgs {
  const login = { user: ssh.user, privateKey: pulumi.secret(ssh.privateKey), ...patience };
  const hostKey = ssh.hostKeys?.[host.name];
  return {
    host: host.managementAddress,
    ...login,
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(ssh.proxyHost === undefined ? {} : { proxy: { host: ssh.proxyHost, ...login } }),
  };
}

/** Runs a script on a host when it is new or changed; when it goes, nothing is undone unless that is said. */
export function createHostCommand(
  name: string,
  args: HostCommandArgs,
  opts: pulumi.CustomResourceOptions,
): command.remote.Command {
  return new command.remote.Command(
    name,
    {
      connection: sshConnection(args.ssh, args.host),
      create: args.script,
      ...(args.undo === undefined ? {} : { delete: args.undo }),
      // Nothing reads it, and an SSH server takes no variables from outside.
      addPreviousOutputInEnv: false,
      ...(args.stdin === undefined ? {} : { stdin: args.stdin }),
      ...(args.printsSecret ? { logging: command.remote.Logging.None } : {}),
    },
    { ...opts, ...(args.printsSecret ? { additionalSecretOutputs: ["stdout"] } : {}) },
  );
}
