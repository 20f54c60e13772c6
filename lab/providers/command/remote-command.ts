// command:remote:Command: a script on a simulated host.
import { runRemoteScript } from "../../host/remote-script.ts";
import { type Connection, dial } from "../../host/ssh.ts";
import { resource } from "../../plugin/contract.ts";
import { rackNameFromProxy } from "../../rack/rack-name.ts";
import { type ScriptInputs, type ScriptState, scriptResource } from "./script-resource.ts";
import { waitForHost } from "./wait-for-host.ts";

interface RemoteCommand extends ScriptInputs {
  readonly connection: Connection;
  readonly stdin?: string;
}

export const remoteCommand = resource<RemoteCommand, ScriptState<RemoteCommand>, true>(
  scriptResource<RemoteCommand>(
    ({ rack }, { connection, stdin }, script, environment) => {
      waitForHost(() => dial(rack, connection));
      return runRemoteScript(rack, { connection, script, stdin, environment });
    },
    (inputs) => rackNameFromProxy(inputs.connection?.proxy?.host),
  ),
);
