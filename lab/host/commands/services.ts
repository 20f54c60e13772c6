// `systemctl`: which services are enabled and running.
import { hosts } from "../../rack/hosts.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { CHRONY } from "../live-files.ts";
import { changeSystem, operatingSystem, type Service } from "../operating-system.ts";

/** Files that a service reads when it starts. */
const SETTINGS: Readonly<Record<string, (path: string) => boolean>> = {
  chrony: (path) => path === CHRONY || /^\/etc\/chrony\/sources\.d\/.*\.sources$/.test(path),
  "prometheus-node-exporter": (path) => path === "/etc/default/prometheus-node-exporter",
};

/** Exit status and answer of a question. */
const QUESTIONS: Readonly<Record<string, (service: Service | undefined) => readonly [number, string]>> = {
  "is-active": (service) => (!service ? [4, "inactive"] : service.active ? [0, "active"] : [3, "inactive"]),
  "is-enabled": (service) => (!service ? [4, "not-found"] : service.enabled ? [0, "enabled"] : [1, "disabled"]),
};

function start(service: Service): void {
  service.active = true;
  service.startedCount += 1;
}

const CHANGES: Readonly<Record<string, (service: Service, alsoNow: boolean) => void>> = {
  enable(service, alsoNow) {
    service.enabled = true;
    if (alsoNow && !service.active) start(service);
  },
  disable(service, alsoNow) {
    service.enabled = false;
    if (alsoNow) service.active = false;
  },
  start(service) {
    if (!service.active) start(service);
  },
  stop(service) {
    service.active = false;
  },
  restart: start,
  reload: () => undefined,
  "try-restart": (service) => (service.active ? start(service) : undefined),
  "reload-or-restart": start,
};

function settingsOf({ files }: HostContext, service: string): string | undefined {
  const isRead = SETTINGS[service];
  return (
    isRead &&
    files
      .paths()
      .filter(isRead)
      .map((path) => files.read(path))
      .join("\n")
  );
}

function systemctl(context: HostContext, { args, stdout }: HostCall): number {
  const { rack, host } = context;
  const [verb = "", ...names] = args.filter((argument) => !argument.startsWith("-"));
  if (verb === "daemon-reload") return 0;
  if (verb === "poweroff") {
    hosts(rack).edit(host, (body) => {
      body.powered = false;
    });
    return 0;
  }
  const [question, change] = [QUESTIONS[verb], CHANGES[verb]];
  if (!question && !change) throw new CommandFailure(`Unknown command verb '${verb}'.`);
  const isQuiet = args.includes("-q") || args.includes("--quiet");
  let status = 0;
  for (const name of names.map((text) => text.replace(/\.service$/, ""))) {
    const service = operatingSystem(rack, host).services[name];
    if (question) {
      const [code, answer] = question(service);
      if (!isQuiet) stdout.write(`${answer}\n`);
      status ||= code;
    } else if (!service) {
      throw new CommandFailure(`Failed to ${verb} ${name}.service: Unit ${name}.service not found.`, 5);
    } else {
      changeSystem(rack, host, ({ services }) => {
        const changed = services[name];
        if (!changed) return;
        const { startedCount } = changed;
        change?.(changed, args.includes("--now"));
        const settings = settingsOf(context, name);
        if (changed.startedCount > startedCount && settings !== undefined) changed.settings = settings;
      });
    }
  }
  return status;
}

/** `systemctl`. */
export function serviceCommands(context: HostContext): CommandTable {
  return { systemctl: { run: (call) => systemctl(context, call) } };
}
