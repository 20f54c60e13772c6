// How a command gets onto a host: what an SSH client would find on the way there, in the words of golang.org/x/crypto/ssh.
import { hostFirewallDrops } from "../rack/host-firewall.ts";
import { hosts } from "../rack/hosts.ts";
import { linksOf } from "../rack/links.ts";
import { OPERATOR, reach } from "../rack/reach.ts";
import { stations } from "../rack/stations.ts";
import type { Rack } from "../rack/store.ts";
import { operatingSystem } from "./operating-system.ts";

/** `connection` of a command, as far as it decides anything here. */
export interface Connection {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly privateKey?: string;
  readonly password?: string;
  readonly hostKey?: string;
  readonly dialErrorLimit?: number;
  readonly proxy?: { readonly host?: string };
}

/** What SSH on a rack accepts; a document of the kind `settings`. */
interface SshAccess {
  /** The one key that is accepted. @default - any that is not empty */
  readonly acceptedKey?: string;
  /** Public host keys (`ssh-ed25519 AAAA…`) by host. @default - `hostKeyOf` */
  readonly hostKeys?: Readonly<Record<string, string>>;
}

const SSH = "ssh";

function sshAccess(rack: Rack): SshAccess {
  return rack.collection<SshAccess>("settings").get(SSH) ?? {};
}

export function setSshAccess(rack: Rack, access: SshAccess): void {
  rack.collection<SshAccess>("settings").put(SSH, access);
}

/** The public host key of a host. */
export function hostKeyOf(rack: Rack, host: string): string {
  const known = sshAccess(rack).hostKeys?.[host];
  return known ?? `ssh-ed25519 ${Buffer.from(`host key of ${host}`).toString("base64")}`;
}

function sameKey(a: string, b: string): boolean {
  const parts = (key: string) => key.trim().split(/\s+/).slice(0, 2).join(" ");
  return parts(a) === parts(b);
}

/** Nobody answered: a host that is starting may do so later. */
export class Unreachable extends Error {}

/** Name of the host behind a connection. Throws what the dial or the handshake would end with. */
export function dial(rack: Rack, connection: Connection): string {
  const { host: address, port = 22, user = "root" } = connection;
  const tries = connection.dialErrorLimit ?? 10;
  const text = (why: string) => `proxy: after ${tries} failed attempts: ${why}`;
  const failed = (why: string) => new Error(text(why));
  const station = stations(rack).find((candidate) => candidate.address === address);
  const answer = reach(rack, { from: OPERATOR, to: address });
  if (!station || !answer.ok) {
    const off = hosts(rack)
      .list()
      .find(
        ({ id, body }) =>
          !body.powered &&
          Object.values(linksOf(rack, id)).some((link) =>
            link.addresses.some((cidr) => cidr.split("/")[0] === address),
          ),
      );
    const why = off ? `${off.id} is switched off` : answer.ok ? "nobody answers there" : answer.reason;
    throw new Unreachable(text(`dial tcp ${address}:${port}: i/o timeout (${why})`));
  }
  const dropped = hostFirewallDrops(rack, station.owner, port);
  if (dropped !== undefined) throw new Unreachable(text(`dial tcp ${address}:${port}: i/o timeout (${dropped})`));
  const host = hosts(rack).get(station.owner);
  const hasSsh =
    station.kind === "host" &&
    host?.platform === "proxmox" &&
    operatingSystem(rack, station.owner).services["ssh"]?.active === true;
  if (!hasSsh || port !== 22)
    throw new Unreachable(
      text(`dial tcp ${address}:${port}: connect: connection refused (no SSH server on ${station.owner})`),
    );
  if (connection.hostKey !== undefined && !sameKey(connection.hostKey, hostKeyOf(rack, station.owner)))
    throw failed("ssh: handshake failed: ssh: host key mismatch");
  const accepted = sshAccess(rack).acceptedKey;
  const isAccepted =
    accepted === undefined
      ? Boolean(connection.privateKey || connection.password)
      : connection.privateKey?.trim() === accepted.trim();
  if (user !== "root" || !isAccepted) {
    const methods = connection.privateKey ? "none publickey" : connection.password ? "none password" : "none";
    throw failed(
      `ssh: handshake failed: ssh: unable to authenticate, attempted methods [${methods}], no supported methods remain`,
    );
  }
  return station.owner;
}

/** Whether a session that was opened still stands: the host may have cut its own way. */
export function isStillConnected(rack: Rack, connection: Connection): boolean {
  return (
    stations(rack).some((candidate) => candidate.address === connection.host) &&
    reach(rack, { from: OPERATOR, to: connection.host }).ok
  );
}
