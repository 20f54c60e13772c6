// Commands that change the host's network and try it out: `ifreload`, `ifquery`, `ping`.
import { isDeepStrictEqual } from "node:util";
import { parseAddress } from "../../../plan/ipv4.ts";
import { hosts } from "../../rack/hosts.ts";
import { checkLinks, type Link, type Links, linksOf, putLinks } from "../../rack/links.ts";
import { reach } from "../../rack/reach.ts";
import { ownerOf } from "../../rack/stations.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { InterfacesSyntaxError, parseInterfaces } from "../interfaces-file.ts";
import { INTERFACES } from "../live-files.ts";

/** The file, with the files it includes. */
function wholeFile({ files }: HostContext, path: string): string {
  const text = files.read(path) ?? "";
  if (path !== INTERFACES || !/^source /m.test(text)) return text;
  const included = files.paths().filter((file) => /^\/etc\/network\/interfaces\.d\/[\w.-]+$/.test(file));
  return [text, ...included.map((file) => files.read(file) ?? "")].join("\n");
}

function wantedLinks(context: HostContext, path: string): Links {
  const nics =
    hosts(context.rack)
      .get(context.host)
      ?.nics.map((nic) => nic.name) ?? [];
  try {
    const links = parseInterfaces(wholeFile(context, path), nics);
    // The file does not say what an interface is that nobody made: the kernel knows.
    const running = linksOf(context.rack, context.host);
    return Object.fromEntries(
      Object.entries(links).map(([name, link]) => [
        name,
        link.kind === "dummy" && running[name] ? { ...link, kind: running[name].kind } : link,
      ]),
    );
  } catch (error) {
    if (error instanceof InterfacesSyntaxError) throw new CommandFailure(`error: ${error.message}`);
    throw error;
  }
}

/** What `ifquery --check` compares: no comments, and nothing that only says what is so anyway. */
function comparable(link: Link | undefined): object {
  if (!link) return {};
  const { comment: _, vlanIds, ...rest } = link;
  const given = Object.entries({ ...rest, ...(vlanIds ? { vlanIds: [...vlanIds].sort((a, b) => a - b) } : {}) });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== false));
}

/** What the host, or the wire it is on, refuses about a network. */
function problemsOf({ rack, host }: HostContext, links: Links): string[] {
  const taken = Object.values(links).flatMap((link) =>
    link.addresses.flatMap((address) => {
      const other = ownerOf(rack, address, host);
      return other ? [`${link.name}: address ${address} is already in use by ${other.owner} (${other.interface})`] : [];
    }),
  );
  const isUsed = (link: Link) =>
    link.autostart ||
    Object.values(links).some((other) => other.members?.includes(link.name) || other.parent === link.name);
  const missing = Object.values(links).filter(
    (link) => link.kind === "dummy" && isUsed(link) && !linksOf(rack, host)[link.name],
  );
  return [...checkLinks(links), ...taken, ...missing.map(({ name }) => `${name}: interface ${name} does not exist`)];
}

function ifreload(context: HostContext, { args, stderr }: HostCall): number {
  const path = args[args.indexOf("-i") + 1];
  const isCheck = args.includes("-s") || args.includes("--syntax-check");
  const links = wantedLinks(context, args.includes("-i") && path !== undefined ? path : INTERFACES);
  const problems = problemsOf(context, links);
  for (const problem of problems) stderr.write(`error: ${problem}\n`);
  if (problems.length > 0 || isCheck) return problems.length > 0 ? 1 : 0;
  if (!args.includes("-a") && !args.includes("--all"))
    throw new CommandFailure("usage: ifreload [-h] (-a | -c) ...", 2);
  const { rack, host, files } = context;
  const text = files.read(INTERFACES) ?? "";
  rack.transaction(() => {
    putLinks(rack, host, links);
    files.settleInterfaces(text);
  });
  return 0;
}

function ifquery(context: HostContext, { args, stdout }: HostCall): number {
  if (args.includes("--syntax-check")) return wantedLinks(context, INTERFACES) ? 0 : 1;
  const isChecking = args.includes("-c") || args.includes("--check");
  const wanted = wantedLinks(context, INTERFACES);
  const running = linksOf(context.rack, context.host);
  const names = args.filter((argument) => !argument.startsWith("-"));
  const picked = names.length > 0 ? names : Object.keys(wanted).sort();
  const same = (name: string) => isDeepStrictEqual(comparable(wanted[name]), comparable(running[name]));
  for (const name of picked) {
    if (!wanted[name]) throw new CommandFailure(`error: main exception: cannot find interfaces: ${name}`);
    stdout.write(`iface ${name}${isChecking ? ` [${same(name) ? "pass" : "fail"}]` : ""}\n`);
  }
  return isChecking && !picked.every(same) ? 1 : 0;
}

function ping({ rack, host }: HostContext, { args, stdout }: HostCall): number {
  // `-c 1` and `-c1` are the same.
  const words = args.flatMap((argument) => /^(-[cWwsiIM])(.+)$/.exec(argument)?.slice(1) ?? [argument]);
  const value = (option: string) => words[words.indexOf(option) + 1];
  const operand = words
    .filter((word, index) => !word.startsWith("-") && !/^-[cWwsiIM]$/.test(words[index - 1] ?? ""))
    .at(-1);
  if (operand === undefined) throw new CommandFailure("ping: usage error: Destination address required", 1);
  if (!parseAddress(operand).ok) throw new CommandFailure(`ping: ${operand}: Name or service not known`, 2);
  const count = Number(words.includes("-c") ? value("-c") : 4);
  const payload = Number(words.includes("-s") ? value("-s") : 56);
  // 20 bytes of IP header and 8 of ICMP; without "don't fragment" any size gets through in pieces.
  const size = words.includes("-M") && value("-M") === "do" ? payload + 28 : undefined;
  const answer = reach(rack, { from: host, to: operand, ...(size === undefined ? {} : { size }) });
  if (!words.includes("-q")) stdout.write(`PING ${operand} (${operand}) ${payload}(${payload + 28}) bytes of data.\n`);
  if (!answer.ok) stdout.write(`${answer.reason}\n`);
  const received = answer.ok ? count : 0;
  stdout.write(
    `\n--- ${operand} ping statistics ---\n${count} packets transmitted, ${received} received, ${answer.ok ? 0 : 100}% packet loss\n`,
  );
  return answer.ok ? 0 : 1;
}

/** `ifreload`, `ifquery`, `ping`. */
export function networkCommands(context: HostContext): CommandTable {
  return {
    ifreload: { needs: "ifupdown2", run: (call) => ifreload(context, call) },
    ifquery: { needs: "ifupdown2", run: (call) => ifquery(context, call) },
    ping: { run: (call) => ping(context, call) },
  };
}
