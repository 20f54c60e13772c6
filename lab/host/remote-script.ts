// Runs a script on a simulated host the way command.remote.Command does: over a connection, with outputs collected and failures worded
// as the official plug-in words them (github.com/pulumi/pulumi-command, provider/pkg/provider/remote/commandOutputs.go at v1.2.1).
import type { Rack } from "../rack/store.ts";
import { type Outputs, runCollected } from "./script-outputs.ts";
import { simulatedHost } from "./simulated-host.ts";
import { type Connection, dial, isStillConnected } from "./ssh.ts";

/** A script, where it runs and what it is given. */
interface RemoteScript {
  readonly connection: Connection;
  readonly script: string;
  readonly stdin?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** What a login shell of root on Proxmox VE starts with. */
const ENVIRONMENT = {
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  SHELL: "/bin/bash",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/** Go's `%q`. */
const quoted = (text: string) => JSON.stringify(text);

/** Runs a script; throws where the official plug-in fails. Variables of `environment` are set as if sshd accepted them all. */
export async function runRemoteScript(
  rack: Rack,
  { connection, script, stdin, environment }: RemoteScript,
): Promise<Outputs> {
  const host = dial(rack, connection);
  const { status, printed, stdout, stderr } = await runCollected({
    script,
    host: simulatedHost(rack, host),
    environment: { ...ENVIRONMENT, ...environment },
    stdin,
  });
  if (!isStillConnected(rack, connection)) {
    throw new Error(
      `wait: remote command exited without exit status or exit signal: running ${quoted(script)}:\n${printed}`,
    );
  }
  if (status !== 0) throw new Error(`Process exited with status ${status}: running ${quoted(script)}:\n${printed}`);
  return { stdout, stderr };
}
