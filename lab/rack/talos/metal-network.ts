// The network of a machine that runs Talos on the metal: from the image's kernel arguments while it waits for a configuration, from its
// configuration's documents afterwards. A Thunderbolt interface is there as long as its cable is plugged and the other end runs.
import { hosts } from "../hosts.ts";
import type { Link, Links } from "../links.ts";
import type { Rack } from "../store.ts";
import { cables, routers } from "../switches.ts";
import { type Fields, isFields, type Node, parseDocuments } from "./config-documents.ts";
import { getSchematic } from "./image-factory.ts";
import type { Installation } from "./nodes.ts";

/** A route of a node's main table, on the interface it goes out by. */
interface MetalRoute {
  readonly destination: string;
  readonly gateway?: string;
  readonly interface: string;
  readonly metric: number;
  /** Address that packets leave with. */
  readonly source?: string;
}

/** What a machine has on the wire right now. */
export interface MetalNetwork {
  readonly links: Links;
  readonly routes: readonly MetalRoute[];
  /** Cabled Thunderbolt interfaces, and the host at the other end. */
  readonly peers: Readonly<Record<string, string>>;
}

/** What a machine was booted from. Documents of kind `metal-boot`, by host. */
export interface MetalBoot {
  readonly imageUrl: string;
  /** Changes when its disk is wiped from outside. */
  readonly instance: string;
}

const NOTHING: MetalNetwork = { links: {}, routes: [], peers: {} };
/** Talos's metric for a route that names none. */
const DEFAULT_METRIC = 1024;

const text = (value: Node | undefined): string | undefined =>
  value === undefined || value === null || typeof value === "object" ? undefined : String(value);
const list = (value: Node | undefined): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

function bareLinks(rack: Rack, host: string): Links {
  const nics = hosts(rack).get(host)?.nics ?? [];
  return Object.fromEntries(
    nics.map(({ name }): [string, Link] => [name, { name, kind: "nic", addresses: [], autostart: true }]),
  );
}

/** The host at the other end of a USB4 port; undefined: no cable, or nobody there who speaks. */
function usb4Peer(rack: Rack, host: string, port: string): string | undefined {
  for (const { body } of cables(rack).list()) {
    if (!body.plugged) continue;
    for (const [near, far] of [body.ends, [...body.ends].reverse()] as const) {
      if (near?.at !== "usb4" || near.host !== host || near.port !== port || far?.at !== "usb4") continue;
      return hosts(rack).get(far.host)?.powered && speaksThunderbolt(rack, far.host) ? far.host : undefined;
    }
  }
  return undefined;
}

function speaksThunderbolt(rack: Rack, host: string): boolean {
  const installed = rack.collection<Installation>("talos").get(`host/${host}`);
  return installed !== undefined && documentsOf(installed.configuration).modules.has("thunderbolt_net");
}

interface Documents {
  readonly all: readonly Fields[];
  readonly modules: ReadonlySet<string>;
}
const parsed = new Map<string, Documents>();

function documentsOf(configuration: string): Documents {
  let found = parsed.get(configuration);
  if (!found) {
    const all = parseDocuments(configuration);
    const machine = all.find((document) => document["kind"] === undefined)?.["machine"];
    const kernel = isFields(machine) ? machine["kernel"] : undefined;
    const modules = new Set(list(isFields(kernel) ? kernel["modules"] : undefined).map(({ name }) => String(name)));
    found = { all, modules };
    if (parsed.size > 100) parsed.clear();
    parsed.set(configuration, found);
  }
  return found;
}

/** Names in the configuration → the interface that an alias picks; absent: no interface matches. */
function aliases(rack: Rack, host: string, documents: Documents): Map<string, { real: string; port?: string }> {
  const hardware = hosts(rack).get(host);
  const found = new Map<string, { real: string; port?: string }>();
  for (const document of documents.all.filter(({ kind }) => kind === "LinkAliasConfig")) {
    const selector = isFields(document["selector"]) ? (text(document["selector"]["match"]) ?? "") : "";
    const name = String(document["name"]);
    const mac = /permanent_addr\) == "([0-9a-f:]+)"/.exec(selector)?.[1];
    const bus = /bus_path == "([^"]+)"/.exec(selector)?.[1];
    const nic = hardware?.nics.find((candidate) => candidate.mac.toLowerCase() === mac);
    const port = hardware?.usb4Ports.find((candidate) => candidate.busPath === bus);
    if (nic) found.set(name, { real: nic.name });
    if (port && documents.modules.has("thunderbolt_net")) found.set(name, { real: name, port: port.name });
  }
  return found;
}

function linkOf(document: Fields, resolve: (name: string) => string): Link | undefined {
  const name = String(document["name"]);
  const mtu = typeof document["mtu"] === "number" ? { mtu: document["mtu"] } : {};
  const addresses = list(document["addresses"]).flatMap(({ address }) => text(address) ?? []);
  const standard = list(document["routes"]).find((route) => text(route["destination"]) === undefined);
  const gateway = standard === undefined ? undefined : text(standard["gateway"]);
  const common = { addresses, autostart: true, ...mtu, ...(gateway === undefined ? {} : { gateway }) };
  switch (document["kind"]) {
    case "LinkConfig":
      return { name: resolve(name), kind: "nic", ...common };
    case "DummyLinkConfig":
      return { name, kind: "dummy", ...common };
    case "VLANConfig":
      return {
        name,
        kind: "vlan",
        parent: resolve(String(document["parent"])),
        vlanId: Number(document["vlanID"]),
        ...common,
      };
    case "BondConfig": {
      const members = Array.isArray(document["links"]) ? document["links"].map((link) => resolve(String(link))) : [];
      return { name, kind: "bond", members, bondMode: text(document["bondMode"]) ?? "balance-rr", ...common };
    }
    default:
      return undefined;
  }
}

function configured(rack: Rack, host: string, installation: Installation): MetalNetwork {
  const documents = documentsOf(installation.configuration);
  const known = aliases(rack, host, documents);
  const links = bareLinks(rack, host);
  const routes: MetalRoute[] = [];
  const peers: Record<string, string> = {};
  for (const document of documents.all) {
    const link = linkOf(document, (name) => known.get(name)?.real ?? name);
    if (link === undefined) continue;
    const port = known.get(String(document["name"]))?.port;
    const peer = port === undefined ? undefined : usb4Peer(rack, host, port);
    // An interface that is not there has neither addresses nor routes.
    if (port !== undefined && peer === undefined) continue;
    if (link.kind === "nic" && port === undefined && links[link.name] === undefined) continue;
    if (peer !== undefined) peers[link.name] = peer;
    links[link.name] = peer === undefined ? link : { ...link, kind: "usb4" };
    for (const route of list(document["routes"])) {
      const destination = text(route["destination"]);
      const table = text(route["table"]);
      if (destination === undefined || (table !== undefined && table !== "main" && table !== "254")) continue;
      const gateway = text(route["gateway"]);
      const metric = Number(text(route["metric"]) ?? DEFAULT_METRIC);
      const source = text(route["source"]);
      routes.push({
        destination,
        interface: link.name,
        metric,
        ...(gateway === undefined ? {} : { gateway }),
        ...(source === undefined ? {} : { source }),
      });
    }
  }
  return { links, routes, peers };
}

/** Interfaces by the kernel arguments `bond=`, `vlan=` and `ip=<device>:dhcp` of the image; addresses as the router leases them. */
function maintenance(rack: Rack, host: string, imageUrl: string): MetalNetwork {
  const schematic = /\/image\/([0-9a-f]{64})\//.exec(imageUrl)?.[1] ?? "";
  const args = getSchematic(rack, schematic)?.extraKernelArgs ?? [];
  const links = bareLinks(rack, host);
  const [bond, members, options] = argument(args, "bond").split(":");
  if (bond !== undefined && bond !== "") {
    const bondMode = /mode=([^,]+)/.exec(options ?? "")?.[1] ?? "balance-rr";
    links[bond] = {
      name: bond,
      kind: "bond",
      members: (members ?? "").split(","),
      bondMode,
      addresses: [],
      autostart: true,
    };
  }
  const [vlan, parent] = argument(args, "vlan").split(":");
  if (vlan !== undefined && parent !== undefined) {
    links[vlan] = {
      name: vlan,
      kind: "vlan",
      parent,
      vlanId: Number(vlan.split(".")[1]),
      addresses: [],
      autostart: true,
    };
  }
  const device = /^(.+):dhcp$/.exec(argument(args, "ip"))?.[1];
  for (const link of Object.values(links)) {
    const asks = device === undefined ? link.kind === "nic" : link.name === device;
    const lease = asks ? leaseFor(rack, host, links, link) : undefined;
    if (lease !== undefined) links[link.name] = { ...link, addresses: [lease.address], gateway: lease.gateway };
  }
  return { links, routes: [], peers: {} };
}

const argument = (args: readonly string[], name: string): string =>
  args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/** A bond has the hardware address of its first member, and a VLAN that of what it lies on. */
function macOf(rack: Rack, host: string, links: Links, link: Link): string | undefined {
  if (link.kind === "nic")
    return hosts(rack)
      .get(host)
      ?.nics.find(({ name }) => name === link.name)
      ?.mac.toLowerCase();
  const below = links[link.kind === "bond" ? (link.members?.[0] ?? "") : (link.parent ?? "")];
  return below === undefined ? undefined : macOf(rack, host, links, below);
}

function leaseFor(
  rack: Rack,
  host: string,
  links: Links,
  link: Link,
): { address: string; gateway: string } | undefined {
  const mac = macOf(rack, host, links, link);
  for (const { body } of routers(rack).list()) {
    const lease = body.leases?.find((candidate) => candidate.mac === mac);
    const port = body.interfaces.find(({ vlanId }) => vlanId === lease?.vlanId);
    const isThere = link.vlanId === lease?.vlanId || link.kind !== "vlan";
    if (body.powered && lease && port && isThere)
      return { address: `${lease.address}/${port.prefixLength}`, gateway: port.address };
  }
  return undefined;
}

/** The network of a host on the metal as it is now; nothing when it is off. */
export function metalNetwork(rack: Rack, host: string): MetalNetwork {
  return rack.kept(`metal-network/${host}`, () => networkNow(rack, host));
}

function networkNow(rack: Rack, host: string): MetalNetwork {
  if (hosts(rack).get(host)?.powered !== true) return NOTHING;
  const boot = rack.collection<MetalBoot>("metal-boot").get(host);
  const installation = rack.collection<Installation>("talos").get(`host/${host}`);
  if (installation && installation.instance === (boot?.instance ?? host)) return configured(rack, host, installation);
  return boot === undefined ? NOTHING : maintenance(rack, host, boot.imageUrl);
}
