// Commands as a host has them: by name, with the package that brings each, and what they know of the host.
import type { Rack } from "../rack/store.ts";
import type { HostCommand } from "./host-command.ts";
import type { RackFiles } from "./rack-files.ts";

/** What a command knows of the host it runs on. */
export interface HostContext {
  readonly rack: Rack;
  /** Name of the host. */
  readonly host: string;
  readonly files: RackFiles;
  sleep(seconds: number): Promise<void>;
}

/** A command as it is declared: `needs` is the package that brings it. */
export interface InstalledCommand {
  readonly needs?: string;
  readonly run: HostCommand;
}

/** Commands by name. */
export type CommandTable = Readonly<Record<string, InstalledCommand>>;
