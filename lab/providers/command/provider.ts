// Resources of the command provider. What a host makes of a script is in lab/host.

import type { Provider } from "../../plugin/contract.ts";
import { loadTable } from "../../plugin/table.ts";
import { copyToRemote } from "./copy-to-remote.ts";
import { localCommand } from "./local-command.ts";
import { remoteCommand } from "./remote-command.ts";

/** Stands where the official plug-in `command` stands. */
export const commandProvider: Provider = {
  name: "command",
  version: "1.2.1",
  table: loadTable("command"),
  resources: {
    "command:remote:Command": remoteCommand,
    "command:remote:CopyToRemote": copyToRemote,
    "command:local:Command": localCommand,
  },
};
