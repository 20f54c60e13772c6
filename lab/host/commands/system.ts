// Packages, services, kernel modules, time and the host's own name.
import { createHash } from "node:crypto";
import { CommandFailure, type HostCall } from "../host-command.ts";
import { changeSystem, installPackages, operatingSystem } from "../operating-system.ts";
import { runNamed } from "../shell/run.ts";
import type { Input } from "../shell/streams.ts";
import type { CommandTable, HostContext } from "../simulated-host.ts";

function seconds(text: string | undefined): number {
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text ?? "") ?? [];
  if (amount === undefined) throw new CommandFailure(`sleep: invalid time interval '${text ?? ""}'`);
  return Number(amount) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1);
}

/** Runs the command that follows, as `env`, `nohup` and `timeout` do. */
function runRest(call: HostCall, args: readonly string[]): Promise<number> | number {
  const [name, ...rest] = args;
  if (name === undefined) return 0;
  const streams = new Map<number, Input | HostCall["stdout"]>([
    [0, call.stdin],
    [1, call.stdout],
    [2, call.stderr],
  ]);
  return runNamed(call.shell, name, rest, streams, true);
}

function serviceName(text: string): string {
  return text.replace(/\.service$/, "");
}

function systemctl({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const [verb, ...names] = args.filter((argument) => !argument.startsWith("-"));
  const isQuiet = args.includes("-q") || args.includes("--quiet");
  const alsoNow = args.includes("--now");
  if (verb === "daemon-reload") return 0;
  let status = 0;
  for (const name of names.map(serviceName)) {
    const service = operatingSystem(rack, host).services[name];
    if (!service) {
      if (verb === "is-active" || verb === "is-enabled") {
        if (!isQuiet) stdout.write(verb === "is-active" ? "inactive\n" : "not-found\n");
        status = 4;
        continue;
      }
      throw new CommandFailure(`Failed to ${verb} ${name}.service: Unit ${name}.service not found.`, 5);
    }
    switch (verb) {
      case "is-active":
        if (!isQuiet) stdout.write(service.active ? "active\n" : "inactive\n");
        status ||= service.active ? 0 : 3;
        break;
      case "is-enabled":
        if (!isQuiet) stdout.write(service.enabled ? "enabled\n" : "disabled\n");
        status ||= service.enabled ? 0 : 1;
        break;
      case "enable":
      case "disable":
      case "start":
      case "stop":
      case "restart":
      case "reload":
      case "try-restart":
      case "reload-or-restart":
        changeSystem(rack, host, (system) => {
          const changed = system.services[name];
          if (!changed) return;
          if (verb === "enable" || verb === "disable") changed.enabled = verb === "enable";
          if (verb === "stop" || (verb === "disable" && alsoNow)) changed.active = false;
          const starts = /start/.test(verb) || (verb === "enable" && alsoNow);
          if (starts && !(verb === "start" && changed.active)) changed.startedCount += 1;
          if (starts) changed.active = true;
        });
        break;
      default:
        throw new CommandFailure(`Unknown command verb '${verb ?? ""}'.`);
    }
  }
  return status;
}

function aptGet({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const [verb, ...names] = args.filter((argument) => !argument.startsWith("-"));
  if (verb === "update") {
    stdout.write("Reading package lists...\n");
    return 0;
  }
  if (verb !== "install") throw new CommandFailure(`E: Invalid operation ${verb ?? ""}`, 100);
  try {
    const fresh = installPackages(rack, host, names);
    stdout.write(`0 upgraded, ${fresh.length} newly installed, 0 to remove and 0 not upgraded.\n`);
    return 0;
  } catch (error) {
    throw new CommandFailure((error as Error).message, 100);
  }
}

function dpkgQuery({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const inline = args.map((argument) => /^(?:-f=?|--showformat=)([\s\S]+)$/.exec(argument)?.[1]).find((text) => text !== undefined);
  const format = args.includes("-f") ? args[args.indexOf("-f") + 1] : inline;
  const separate = args.indexOf("-f");
  const names = args.filter((argument, index) => !argument.startsWith("-") && (separate < 0 || index !== separate + 1));
  const { packages } = operatingSystem(rack, host);
  for (const name of names) {
    const version = packages[name];
    if (version === undefined) throw new CommandFailure(`dpkg-query: no packages found matching ${name}`);
    const text = (format ?? "$" + "{Package}\t$" + "{Version}\\n")
      .replaceAll("$" + "{Package}", name)
      .replaceAll("$" + "{Version}", version)
      .replaceAll("$" + "{Status}", "install ok installed")
      .replaceAll("$" + "{db:Status-Status}", "installed");
    stdout.write(text.replaceAll("\\n", "\n").replaceAll("\\t", "\t"));
  }
  return 0;
}

function sshKeygen({ host, files }: HostContext, { args, stdout, shell }: HostCall): number {
  const value = (option: string) => args[args.indexOf(option) + 1];
  if (!args.includes("-f")) throw new CommandFailure("Enter file in which to save the key: nobody is there to answer; give -f", 255);
  const path = shell.path(value("-f") ?? "");
  const type = args.includes("-t") ? value("-t") : "ed25519";
  if (files.read(path) !== undefined) throw new CommandFailure(`${path} already exists.\nOverwrite (y/n)?`);
  const key = createHash("sha256").update(`${host}${path}`).digest("base64");
  files.write(path, `-----BEGIN OPENSSH PRIVATE KEY-----\nsimulated key of root on ${host}\n-----END OPENSSH PRIVATE KEY-----\n`, "600");
  files.write(`${path}.pub`, `ssh-${type} ${key} root@${host}\n`);
  if (!args.includes("-q")) stdout.write(`Your public key has been saved in ${path}.pub\n`);
  return 0;
}

function modprobe({ rack, host }: HostContext, { args }: HostCall): number {
  const names = args.filter((argument) => !argument.startsWith("-")).map((name) => name.replaceAll("-", "_"));
  changeSystem(rack, host, (system) => {
    for (const name of names.slice(0, 1)) if (!system.modules.includes(name)) system.modules.push(name);
  });
  return 0;
}

export function systemCommands(context: HostContext): CommandTable {
  const { rack, host, sleep } = context;
  const silent = { run: () => 0 };
  return {
    systemctl: { run: (call) => systemctl(context, call) },
    "apt-get": { run: (call) => aptGet(context, call) },
    "dpkg-query": { run: (call) => dpkgQuery(context, call) },
    modprobe: { run: (call) => modprobe(context, call) },
    lsmod: {
      run: ({ stdout }) => (
        stdout.write(
          operatingSystem(rack, host)
            .modules.map((name) => `${name}\n`)
            .join(""),
        ),
        0
      ),
    },
    "update-initramfs": {
      run: ({ stdout }) => {
        changeSystem(rack, host, (system) => {
          system.initramfsBuilds += 1;
        });
        stdout.write("update-initramfs: Generating /boot/initrd.img\n");
        return 0;
      },
    },
    "ssh-keygen": { run: (call) => sshKeygen(context, call) },
    udevadm: silent,
    sysctl: silent,
    sync: silent,
    logger: silent,
    hostname: {
      run: ({ args, stdout }) => {
        stdout.write(`${host}\n`);
        return args.some((argument) => !argument.startsWith("-")) ? 1 : 0;
      },
    },
    date: {
      run: ({ args, stdout }) => (
        stdout.write(`${args.includes("+%s") ? Math.floor(Date.now() / 1000) : new Date().toUTCString()}\n`), 0
      ),
    },
    id: {
      run: ({ args, stdout }) => (
        stdout.write(
          args.includes("-u") ? "0\n" : args.includes("-un") ? "root\n" : "uid=0(root) gid=0(root) groups=0(root)\n",
        ),
        0
      ),
    },
    whoami: { run: ({ stdout }) => (stdout.write("root\n"), 0) },
    uname: {
      run: ({ args, stdout }) => (
        stdout.write(args.includes("-r") ? "6.17.4-1-pve\n" : args.includes("-n") ? `${host}\n` : "Linux\n"), 0
      ),
    },
    sleep: { run: async ({ args }) => (await sleep(seconds(args[0])), 0) },
    // Endless on hardware; whoever reads it here is asked a few questions at most.
    yes: { run: ({ args, stdout }) => (stdout.write(`${args.join(" ") || "y"}\n`.repeat(64)), 0) },
    timeout: {
      run: (call) =>
        runRest(
          call,
          call.args.filter((argument) => !argument.startsWith("-")).length > 0 ? afterDuration(call.args) : [],
        ),
    },
    nohup: { run: (call) => runRest(call, call.args) },
    env: {
      run: (call) => {
        const start = call.args.findIndex((argument) => !/^[A-Za-z_]\w*=/.test(argument) && argument !== "-i");
        return start < 0 ? 0 : runRest(call, call.args.slice(start));
      },
    },
    flock: { run: (call) => runRest(call, call.args.filter((argument) => !argument.startsWith("-")).slice(1)) },
  };
}

function afterDuration(args: readonly string[]): readonly string[] {
  const start = args.findIndex((argument) => /^\d/.test(argument));
  return args.slice(start + 1);
}
