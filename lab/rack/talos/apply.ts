// Applying a configuration to a node, and resetting one.
import { simulatedNow } from "../clock.ts";
import type { Rack } from "../store.ts";
import { leaveEtcd } from "./cluster.ts";
import { getSchematic, moduleExtensions, schematicOfImage } from "./image-factory.ts";
import { installDevice, isMetal, markInstalled } from "./install-disk.ts";
import { type MachineConfig, readMachineConfig } from "./machine-config.ts";
import { INSTALL_MS, install, installAndStart, noteFailedInstall, REBOOT_MS, type TalosNode, wipe } from "./nodes.ts";
import { InvalidArgument, openAny, openConfigured, type TalosCall } from "./talos-api.ts";

/** When a changed configuration takes effect. */
export type ApplyMode = "auto" | "reboot" | "no_reboot" | "staged" | "staged_if_needing_reboot";

function read(text: string): MachineConfig {
  try {
    return readMachineConfig(text);
  } catch (error) {
    throw new InvalidArgument((error as Error).message);
  }
}

function checkModules(rack: Rack, config: MachineConfig, schematicId: string): void {
  const extensions = getSchematic(rack, schematicId)?.extensions ?? [];
  for (const { name } of config.modules) {
    const extension = moduleExtensions[name];
    if (extension !== undefined && !extensions.includes(extension)) {
      throw new InvalidArgument(
        `error loading module "${name}": module not found (it comes with extension ${extension}, which schematic ${schematicId || "(none)"} has not)`,
      );
    }
  }
}

/** Parts of a configuration that only count after a restart. */
function needsReboot(before: MachineConfig, after: MachineConfig): boolean {
  return JSON.stringify(before.modules) !== JSON.stringify(after.modules) || before.type !== after.type;
}

/** Which disk is meant is looked up at once, on the machine itself. */
function targetDisk(node: TalosNode, config: MachineConfig): string | undefined {
  try {
    return installDevice(node.machine, config);
  } catch (error) {
    throw new InvalidArgument(`configuration validation failed: 1 error occurred:\n\t* ${(error as Error).message}`);
  }
}

function installNew(rack: Rack, node: TalosNode, text: string, config: MachineConfig): void {
  const image = schematicOfImage(rack, config.installImage);
  const device = isMetal(node.machine) ? targetDisk(node, config) : undefined;
  checkModules(rack, config, image.schematic);
  if (isMetal(node.machine) && device === undefined) {
    // A path is only looked at when the installer runs: it fails, and the machine starts again as it was.
    noteFailedInstall(
      rack,
      node.machine,
      `install failed: stat ${config.installDisk ?? ""}: no such file or directory`,
    );
    return;
  }
  markInstalled(rack, node.machine, device);
  installAndStart(rack, node.machine, {
    configuration: text,
    secureBoot: image.secureBoot,
    encrypted: Object.keys(config.encryption),
    runsFrom: simulatedNow(rack) + INSTALL_MS,
    version: image.version,
    schematic: image.schematic,
    platform: image.platform,
  });
}

/** Sends a node its configuration. Install settings count at the first time only, as on the real thing. */
export function applyConfiguration(rack: Rack, call: TalosCall, text: string, mode: ApplyMode): void {
  const config = read(text);
  const node = openAny(rack, call);
  const { installation } = node;
  if (node.stage === "maintenance" || !installation || !node.config) {
    installNew(rack, node, text, config);
    return;
  }
  if (installation.configuration === text) return;
  if (isMetal(node.machine)) targetDisk(node, config);
  checkModules(rack, config, installation.schematic);
  if (mode === "staged") {
    install(rack, node.machine, { ...installation, staged: text });
    return;
  }
  const reboots = mode === "reboot" || needsReboot(node.config, config);
  if (reboots && mode === "no_reboot")
    throw new InvalidArgument("config changes require reboot, but the mode is no-reboot");
  const now = simulatedNow(rack);
  if (reboots) installAndStart(rack, node.machine, { ...installation, configuration: text, runsFrom: now + REBOOT_MS });
  else install(rack, node.machine, { ...installation, configuration: text, reconfiguredAt: now });
}

/** Wipes a node; gracefully, it leaves etcd before. */
export function reset(rack: Rack, call: TalosCall, graceful: boolean): void {
  const node = openConfigured(rack, call, "Reset");
  if (graceful) leaveEtcd(rack, node);
  wipe(rack, node.machine);
}
