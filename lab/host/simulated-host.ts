// One host of the rack as a shell sees it: its files, the commands that are installed on it, and time.
import { setTimeout as wait } from "node:timers/promises";
import type { Rack } from "../rack/store.ts";
import { cephCommands } from "./commands/ceph.ts";
import { clusterCommands } from "./commands/cluster.ts";
import { fileContentCommands } from "./commands/file-content.ts";
import { fileCommands } from "./commands/files.ts";
import { networkCommands } from "./commands/network.ts";
import { networkStateCommands } from "./commands/network-state.ts";
import { serviceCommands } from "./commands/services.ts";
import { storageCommands } from "./commands/storage.ts";
import { systemCommands } from "./commands/system.ts";
import { textCommands } from "./commands/text.ts";
import { timeCommands } from "./commands/time.ts";
import { wrapperCommands } from "./commands/wrappers.ts";
import type { HostCommand } from "./host-command.ts";
import type { CommandTable, HostContext } from "./installed-command.ts";
import { hasPackage } from "./operating-system.ts";
import { RackFiles } from "./rack-files.ts";
import type { ShellHost } from "./shell/state.ts";

/** A host of the rack with everything that is installed on it. */
export function simulatedHost(rack: Rack, host: string): ShellHost {
  const files = new RackFiles(rack, host);
  const context: HostContext = {
    rack,
    host,
    files,
    sleep: async (seconds) => void (await wait(seconds * 1000 * rack.settings.latencyScale)),
  };
  const commands: CommandTable = {
    ...fileCommands(context),
    ...fileContentCommands(context),
    ...textCommands(context),
    ...systemCommands(context),
    ...serviceCommands(context),
    ...timeCommands(context),
    ...wrapperCommands(context),
    ...networkCommands(context),
    ...networkStateCommands(context),
    ...clusterCommands(context),
    ...cephCommands(context),
    ...storageCommands(context),
  };
  const find = (name: string): HostCommand | undefined => {
    const command = commands[name.replace(/^\/(usr\/)?s?bin\//, "")];
    const isThere = command && (command.needs === undefined || hasPackage(rack, host, command.needs));
    return isThere ? command.run : undefined;
  };
  return { files, command: find, sleep: context.sleep };
}
