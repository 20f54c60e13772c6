// Runs a script on a simulated host the way command.remote.Command does: over a connection, with outputs collected and failures worded
// as the official plug-in words them (github.com/pulumi/pulumi-command, provider/pkg/provider/remote/commandOutputs.go at v1.2.1).
import type { Rack } from "../rack/store.ts";
import { runScript } from "./shell/run.ts";
import { Collector, type Output } from "./shell/streams.ts";
import { simulatedHost } from "./simulated-host.ts";
import { type Connection, dial, isStillConnected } from "./ssh.ts";

export interface RemoteScript {
  readonly connection: Connection;
  readonly script: string;
  readonly stdin?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface Outputs {
  readonly stdout: string;
  readonly stderr: string;
}

/** What a login shell of root on Proxmox VE starts with. */
const ENVIRONMENT = {
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  SHELL: "/bin/bash",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

const withoutLastNewline = (text: string) => text.replace(/\n$/, "");

/** Go's `%q`. */
const quoted = (text: string) => JSON.stringify(text);

/** Runs a script; throws where the official plug-in fails. Variables of `environment` are set as if sshd accepted them all. */
export async function runRemoteScript(
  rack: Rack,
  { connection, script, stdin, environment }: RemoteScript,
): Promise<Outputs> {
  const host = dial(rack, connection);
  const [out, err, both] = [new Collector(), new Collector(), new Collector()];
  const into = (own: Collector): Output => ({
    write(text) {
      own.write(text);
      both.write(text);
    },
  });
  const status = await runScript({
    script,
    host: simulatedHost(rack, host),
    environment: { ...ENVIRONMENT, ...environment },
    stdin,
    stdout: into(out),
    stderr: into(err),
  });
  if (!isStillConnected(rack, connection)) {
    throw new Error(
      `wait: remote command exited without exit status or exit signal: running ${quoted(script)}:\n${both.text}`,
    );
  }
  if (status !== 0) throw new Error(`Process exited with status ${status}: running ${quoted(script)}:\n${both.text}`);
  return { stdout: withoutLastNewline(out.text), stderr: withoutLastNewline(err.text) };
}
