// Packages, kernel modules, keys, and what a host says of itself.
import { createHash } from "node:crypto";
import { proxmoxHosts } from "../../rack/hosts.ts";
import { refusedUris } from "../../rack/package-sources.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { changeSystem, installPackages, operatingSystem } from "../operating-system.ts";
import { printing } from "./file-paths.ts";

function aptGet({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  const words = args.filter((argument, index) => !argument.startsWith("-") && args[index - 1] !== "-o");
  const [verb, ...names] = words;
  if (verb === "update") {
    const software = proxmoxHosts(rack).get(host);
    const refused = software === undefined ? [] : refusedUris(software);
    const failures = refused.flatMap((uri) => [
      `E: Failed to fetch ${uri}/dists/trixie/InRelease  401  Unauthorized [IP: 192.0.2.1 443]`,
      `E: The repository '${uri} trixie InRelease' is not signed.`,
    ]);
    if (failures.length > 0) throw new CommandFailure(failures.join("\n"), 100);
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
  const inline = args
    .map((argument) => /^(?:-f=?|--showformat=)([\s\S]+)$/.exec(argument)?.[1])
    .find((text) => text !== undefined);
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
  if (!args.includes("-f"))
    throw new CommandFailure("Enter file in which to save the key: nobody is there to answer; give -f", 255);
  const path = shell.path(value("-f") ?? "");
  const type = args.includes("-t") ? value("-t") : "ed25519";
  if (files.read(path) !== undefined) throw new CommandFailure(`${path} already exists.\nOverwrite (y/n)?`);
  const key = createHash("sha256").update(`${host}${path}`).digest("base64");
  files.write(
    path,
    `-----BEGIN OPENSSH PRIVATE KEY-----\nsimulated key of root on ${host}\n-----END OPENSSH PRIVATE KEY-----\n`,
    "600",
  );
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

const KERNEL = "6.17.4-1-pve";

/** What belongs to the system: its name, its time, its user, packages. */
export function systemCommands(context: HostContext): CommandTable {
  const { rack, host } = context;
  const silent = { run: () => 0 };
  const word = (args: readonly string[], answers: Readonly<Record<string, string>>, otherwise: string) =>
    `${answers[args[0] ?? ""] ?? otherwise}\n`;
  return {
    "apt-get": { run: (call) => aptGet(context, call) },
    pvesubscription: printing(() => "message: There is no subscription key\nstatus: notfound\n"),
    "dpkg-query": { run: (call) => dpkgQuery(context, call) },
    modprobe: { run: (call) => modprobe(context, call) },
    lsmod: printing(() => `${operatingSystem(rack, host).modules.join("\n")}\n`),
    "update-initramfs": printing(() => {
      changeSystem(rack, host, (system) => {
        system.initramfsBuilds += 1;
      });
      return `update-initramfs: Generating /boot/initrd.img-${KERNEL}\n`;
    }),
    "ssh-keygen": { run: (call) => sshKeygen(context, call) },
    udevadm: silent,
    sysctl: silent,
    sync: silent,
    logger: silent,
    hostname: {
      run({ args, stdout }) {
        if (args.some((argument) => !argument.startsWith("-")))
          throw new CommandFailure("hostname: a member of a cluster keeps its name");
        stdout.write(`${host}\n`);
        return 0;
      },
    },
    date: printing(({ args }) =>
      word(args, { "+%s": String(Math.floor(Date.now() / 1000)) }, new Date().toUTCString()),
    ),
    id: printing(({ args }) => word(args, { "-u": "0", "-un": "root" }, "uid=0(root) gid=0(root) groups=0(root)")),
    whoami: printing(() => "root\n"),
    uname: printing(({ args }) => word(args, { "-r": KERNEL, "-n": host }, "Linux")),
  };
}
