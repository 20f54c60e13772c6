// `chronyc`: whether the host has the time from one of the servers that chrony was started with.
import { parseAddress } from "../../../plan/ipv4.ts";
import { reach } from "../../rack/reach.ts";
import { isOnLink, stations } from "../../rack/stations.ts";
import { CommandFailure, type HostCall } from "../host-command.ts";
import type { CommandTable, HostContext } from "../installed-command.ts";
import { operatingSystem } from "../operating-system.ts";

/** Debian's own, when nobody ever changed anything. */
const PACKAGED = "pool 2.debian.pool.ntp.org iburst";

/** Whether a time server answers: one that the rack knows by itself, any other when the way to it leads through a gateway that answers. */
function answers({ rack, host }: HostContext, server: string): boolean {
  const all = stations(rack);
  const isKnown = parseAddress(server).ok && all.some(({ address }) => address === server);
  const own = all.filter((station) => station.owner === host);
  if (!isKnown && own.some((station) => isOnLink(station, server))) return false;
  const target = isKnown ? server : own.find((station) => station.gateway !== undefined)?.gateway;
  return target !== undefined && reach(rack, { from: host, to: target }).ok;
}

function chronyc(context: HostContext, { args, stdout }: HostCall): number {
  const [verb] = args.filter((argument) => !argument.startsWith("-"));
  const service = operatingSystem(context.rack, context.host).services["chrony"];
  if (!service?.active) throw new CommandFailure("506 Cannot talk to daemon");
  if (verb !== "waitsync" && verb !== "tracking") throw new CommandFailure("Unrecognized command");
  const settings = service.settings ?? PACKAGED;
  const servers = [...settings.matchAll(/^\s*(?:server|pool|peer)\s+(\S+)/gm)].map(([, server]) => server ?? "");
  const synchronised = servers.find((server) => answers(context, server));
  if (verb === "tracking") {
    const leap = synchronised === undefined ? "Not synchronised" : "Normal";
    stdout.write(`System time     : 0.000000000 seconds slow of NTP time\nLeap status     : ${leap}\n`);
    return 0;
  }
  stdout.write(
    `try: 1, refid: ${synchronised === undefined ? "00000000" : "0A081001"}, correction: 0.000, skew: 0.000\n`,
  );
  return synchronised === undefined ? 1 : 0;
}

/** `chronyc`. */
export function timeCommands(context: HostContext): CommandTable {
  return { chronyc: { needs: "chrony", run: (call) => chronyc(context, call) } };
}
