// Runs a USB4 ring with FRR's own daemons: a network namespace for each host, a pair of virtual NICs for each cable.
import type { RingPlan } from "../../plan/plan.ts";
import type { FabricFiles } from "./proxmox-fabric.ts";
import type { TestHost } from "./test-host.ts";

/** Packages that such a host needs. */
export const ringPackages = ["frr", "frr-pythontools", "ifupdown2", "iputils-ping"] as const;

/** Cables that a packet takes from a host to another; 0: it does not arrive. */
export type Hops = Readonly<Record<string, number>>;

/** What was seen of a ring, by `<from> <to>`. */
export interface RingRun {
  readonly whole: Hops;
  /** With one cable pulled; nothing when none was. */
  readonly without: Hops;
  /** With that cable plugged in again. */
  readonly again: Hops;
  /** What FRR's running configuration gained or lost when the same file was applied once more, by host. */
  readonly secondApply: Readonly<Record<string, string>>;
}

/** A ring of three, and how long it may take to find its ways. */
export interface RingArgs {
  readonly plan: RingPlan;
  readonly files: readonly FabricFiles[];
  /** Cable that is pulled and plugged in again. @default - none */
  readonly pulled?: RingPlan["cables"][number];
  /** FRR tells its neighbours of changes in quick succession at most every 30 seconds. @default - 60 */
  readonly patienceSeconds?: number;
}

/**
 * Brings a ring up as Proxmox VE does (ifupdown2, then FRR's reload), pulls a cable, plugs it in again, and says what reaches what.
 * @throws when a tool refuses a file
 */
export async function runRing(host: TestHost, args: RingArgs): Promise<RingRun> {
  const { stdout } = await host.succeeds(renderRing(args));
  const ways: Record<"whole" | "without" | "again", Record<string, number>> = { whole: {}, without: {}, again: {} };
  const secondApply: Record<string, string> = {};
  for (const line of stdout.split("\n")) {
    const [word, name = "", from = "", to = "", ttl] = line.split("|");
    // A router takes one off the 64 that a packet starts with.
    if (word === "way") ways[name as keyof typeof ways][`${from} ${to}`] = ttl === "" ? 0 : 65 - Number(ttl);
    if (word === "change") secondApply[name] = `${secondApply[name] ?? ""}${from}\n`;
  }
  return { ...ways, secondApply };
}

function renderRing({ plan, files, pulled, patienceSeconds = 60 }: RingArgs): string {
  const hosts = plan.members.map(({ host }) => host);
  const ends = ({ a, b }: RingPlan["cables"][number]): string => `${a.host} ${a.interface} ${b.host} ${b.interface}`;
  const pairs = plan.members.flatMap(({ host }) =>
    plan.members.flatMap((other) => (other.host === host ? [] : [`${host} ${other.host} ${other.address}`])),
  );
  const file = (path: string, text: string): string => `cat >/etc/netns/${path} <<'FILE'\n${text}FILE`;
  return [
    preamble(plan.mtu, pairs, patienceSeconds),
    ...files.flatMap(({ host, frr, interfaces }) => [
      `new_host ${host}`,
      file(`${host}/frr/frr.conf`, frr),
      file(`${host}/network/interfaces.d/sdn`, interfaces),
    ]),
    ...plan.cables.map((cable) => `plug ${ends(cable)}`),
    ...hosts.map((host) => `start ${host}`),
    "seen whole 1",
    ...hosts.map((host) => `apply_again ${host}`),
    ...(pulled === undefined
      ? []
      : [`pull ${ends(pulled)}`, "seen without 2", `plug ${ends(pulled)}`, `up ${ends(pulled)}`, "seen again 1"]),
    "",
  ].join("\n");
}

const preamble = (mtu: number, pairs: readonly string[], patienceSeconds: number): string => String.raw`
# What the installation of FRR does.
groupadd -r frrvty
groupadd -r frr
useradd -r -g frr -G frrvty -d /nonexistent -s /usr/sbin/nologin frr
sed -i 's/^fabricd=no/fabricd=yes/' /etc/frr/daemons

# A host has its own network, name, /run, and files in /etc/network and /etc/frr.
on() {
  of=$1
  shift
  ip netns exec "$of" unshare --mount --uts sh -c 'mount --bind "/hosts/$0/run" /run; hostname "$0"; exec "$@"' "$of" "$@"
}
new_host() {
  ip netns add "$1"
  mkdir -p "/hosts/$1/run/network" "/hosts/$1/run/frr" "/etc/netns/$1"
  cp -a /etc/frr /etc/network "/etc/netns/$1"
  chown -R frr:frr "/hosts/$1/run/frr" "/etc/netns/$1/frr"
  printf 'auto lo\niface lo inet loopback\n\nsource /etc/network/interfaces.d/*\n' >"/etc/netns/$1/network/interfaces"
}
plug() { ip link add "$2" netns "$1" mtu ${mtu} type veth peer name "$4" netns "$3" mtu ${mtu}; }
pull() { ip -n "$1" link del "$2"; }
up() {
  on "$1" ifup "$2"
  on "$3" ifup "$4"
}
start() {
  # There may be no driver for dummy interfaces here: one end of a cable that leads nowhere does as well.
  dummy=$(awk '$1 == "auto" && $2 ~ /^dummy_/ { print $2 }' "/etc/netns/$1/network/interfaces.d/sdn")
  ip link add "$dummy" netns "$1" type veth peer name nowhere netns "$1"
  ip -n "$1" link set nowhere up
  on "$1" ifup -a
  vtysh --dryrun --inputfile "/etc/netns/$1/frr/frr.conf"
  for daemon in zebra fabricd; do on "$1" "/usr/lib/frr/$daemon" --daemon --log file:/dev/null; done
  on "$1" /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf >&2
}
running() { on "$1" vtysh -c 'show running-config'; }
apply_again() {
  running "$1" >/tmp/before
  on "$1" /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf >&2
  running "$1" | diff /tmp/before - | sed -n "s/^[<>]/change|$1|&/p"
}
ttl() { on "$1" ping -c 1 -W 1 "$2" 2>/dev/null | sed -n 's/.* ttl=\([0-9]*\) .*/\1/p'; }
way() { printf 'way|%s|%s|%s|%s\n' "$1" "$2" "$3" "$(ttl "$2" "$4")"; }
every_way() {
${pairs.map((pair) => `  way "$1" ${pair}`).join("\n")}
}
# seen name hops: waits until every host reaches every other over that many cables at most, and says how it is then
seen() {
  end=$(($(date +%s) + ${patienceSeconds}))
  while every_way "$1" >/tmp/ways; do
    awk -F '|' -v least=$((65 - $2)) '$5 < least { exit 1 }' /tmp/ways && break
    [ "$(date +%s)" -lt "$end" ] || break
    sleep 0.5
  done
  cat /tmp/ways
}
mkdir -p /run/netns
`;
