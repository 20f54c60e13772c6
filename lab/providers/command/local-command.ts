// command:local:Command: a script on the machine the program is run from. On a rack that machine is simulated too (lab/operator): the script
// has to name the rack, as a proxy (HTTPS_PROXY=http://<rack>.rack.invalid), and finds there the talosctl and kubectl of that rack only.
import { runOperatorScript } from "../../operator/operator-machine.ts";
import { resource } from "../../plugin/contract.ts";
import { rackNameFromHost } from "../../rack/rack-name.ts";
import { type ScriptInputs, type ScriptState, scriptResource } from "./script-resource.ts";

interface LocalCommand extends ScriptInputs {
  readonly interpreter?: string[];
  readonly stdin?: string;
}

function hostOf(proxy: string | undefined): string | undefined {
  return proxy !== undefined && URL.canParse(proxy) ? new URL(proxy).hostname : proxy;
}

export const localCommand = resource<LocalCommand, ScriptState<LocalCommand>, true>(
  scriptResource<LocalCommand>(
    ({ rack }, { stdin, interpreter }, script, environment) => {
      const shell = interpreter?.[0] ?? "/bin/sh";
      if (!/^(\/bin\/)?sh$/.test(shell))
        throw new Error(`the simulated machine of the operator has /bin/sh only, and no ${shell}`);
      return runOperatorScript(rack, { script, stdin, environment });
    },
    (inputs) =>
      rackNameFromHost(
        hostOf(inputs.environment?.["HTTPS_PROXY"]),
        "environment.HTTPS_PROXY",
        "http://<rack>.rack.invalid",
      ),
  ),
);
