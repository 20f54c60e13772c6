// The environment Pulumi runs in on a simulated rack: everything of the lab's own, nothing of the person's Pulumi.
import { delimiter, join, resolve } from "node:path";
import type { Engine } from "./engine.ts";
import { REPOSITORY } from "./engine-version.ts";

/**
 * Encrypts the secrets of simulated racks. It is no secret: nothing behind it is real, and a clone has to open the stacks
 * without asking anybody.
 */
const LAB_PASSPHRASE = "lab";

/** Where the lab keeps its things. */
export interface LabFolders {
  /** Pulumi's state of the simulated stacks. */
  readonly state: string;
  /** PULUMI_HOME: plug-ins, selected stack. */
  readonly pulumiHome: string;
  /** The racks themselves. */
  readonly racks: string;
  /** The lab's plug-ins. */
  readonly plugins: string;
}

/** Everything below one folder: RACK_HOME, else `.lab` in the repository, which git does not see. */
export function labFolders(root: string = process.env["RACK_HOME"] ?? join(REPOSITORY, ".lab")): LabFolders {
  return {
    state: resolve(root, "state"),
    pulumiHome: resolve(root, "pulumi"),
    racks: resolve(root),
    plugins: join(REPOSITORY, "lab", "bin"),
  };
}

/** The environment for Pulumi, and for everything it starts. */
export function labEnvironment(
  stack: string,
  engine: Engine,
  folders: LabFolders = labFolders(),
  inherited: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    ...inherited,
    PATH: [...engine.path, inherited["PATH"] ?? ""].join(delimiter),
    PULUMI_HOME: folders.pulumiHome,
    PULUMI_BACKEND_URL: `file://${folders.state}`,
    PULUMI_CONFIG_PASSPHRASE: LAB_PASSPHRASE,
    PULUMI_STACK: stack,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // A plug-in that the lab lacks is an error, never a reason to fetch the official one.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    RACK_HOME: folders.racks,
  };
  // These would win over the ones above.
  delete environment["PULUMI_CONFIG_PASSPHRASE_FILE"];
  delete environment["PULUMI_ACCESS_TOKEN"];
  return environment;
}
