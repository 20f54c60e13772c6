// talosctl's way back to a cluster's secrets: the configuration of a control plane, and what is made of it.
import { CommandFailure } from "../host/host-command.ts";
import { secretsFileOf } from "../rack/talos/secrets-file.ts";
import { openNodes, type Talosctl } from "./talosctl-connection.ts";

/** `-o jsonpath='{.spec}'`: the configuration as it lies on the node. */
function machineConfig(talosctl: Talosctl): string {
  if (talosctl.line.get("output") !== "jsonpath={.spec}")
    throw new CommandFailure("error: the simulated talosctl shows a machine configuration with -o jsonpath='{.spec}'");
  return openNodes(talosctl)
    .map(({ node }) => `${node.installation?.configuration ?? ""}\n`)
    .join("");
}

function genSecrets({ context, call, line }: Talosctl): string {
  const from = line.get("from-controlplane-config") ?? "";
  const configuration = context.files.read(call.shell.path(from));
  if (configuration === undefined) throw new CommandFailure(`error: open ${from}: no such file or directory`);
  context.files.write(call.shell.path(line.get("output") ?? "secrets.yaml"), secretsFileOf(configuration), "600");
  return "";
}

/** By the words they begin with. */
export const secretsVerbs: Readonly<Record<string, (talosctl: Talosctl) => string>> = {
  "get machineconfig": machineConfig,
  "gen secrets": genSecrets,
};
