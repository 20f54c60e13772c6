// Package repositories of a host by the handles that Proxmox VE knows them by, and the files they are written in.
import type { ProxmoxHost } from "./hosts.ts";

/** A repository that Proxmox VE knows by a handle. */
interface StandardRepository {
  readonly name: string;
  /** In `/etc/apt/sources.list.d`. */
  readonly file: string;
  readonly uri: string;
  readonly component: string;
}

const proxmoxUri = (path: string, isPaid: boolean): string =>
  `${isPaid ? "https://enterprise" : "http://download"}.proxmox.com/debian/${path}`;

function ceph(release: string, title: string): Record<string, StandardRepository> {
  const file = "ceph.sources";
  const of = (component: string, name: string): StandardRepository => ({
    ...{ name: `Ceph ${title} ${name}`, file, component },
    uri: proxmoxUri(`ceph-${release}`, component === "enterprise"),
  });
  return {
    [`ceph-${release}-enterprise`]: of("enterprise", "Enterprise"),
    [`ceph-${release}-no-subscription`]: of("no-subscription", "No-Subscription"),
    [`ceph-${release}-test`]: of("test", "Test"),
  };
}

/** By handle. */
export const standardRepositories: Readonly<Record<string, StandardRepository>> = {
  enterprise: {
    ...{ name: "Enterprise", file: "pve-enterprise.sources" },
    ...{ uri: proxmoxUri("pve", true), component: "pve-enterprise" },
  },
  "no-subscription": {
    ...{ name: "No-Subscription", file: "proxmox.sources" },
    ...{ uri: proxmoxUri("pve", false), component: "pve-no-subscription" },
  },
  test: { name: "Test", file: "proxmox.sources", uri: proxmoxUri("pve", false), component: "pve-test" },
  ...ceph("squid", "Squid"),
  ...ceph("tentacle", "Tentacle"),
};

/** Folder of apt's sources. */
export const SOURCES = "/etc/apt/sources.list.d";

/** Files that repositories with a handle are in. */
export const SOURCE_FILES: readonly string[] = [
  ...new Set(Object.values(standardRepositories).map(({ file }) => file)),
].sort();

type Entries = ProxmoxHost["repositories"];

/** Repositories of one file, in their order. */
export function entriesIn(host: ProxmoxHost, file: string): Entries {
  return host.repositories.filter(({ handle }) => standardRepositories[handle]?.file === file);
}

/** The file as deb822; undefined when the host does not have it. */
export function renderSources(host: ProxmoxHost, file: string): string | undefined {
  const stanzas = entriesIn(host, file).map(({ handle, isEnabled }) => {
    const { uri, component } = standardRepositories[handle] as StandardRepository;
    const lines = ["Types: deb", `URIs: ${uri}`, "Suites: trixie", `Components: ${component}`];
    lines.push("Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg");
    return `${[...lines, ...(isEnabled ? [] : ["Enabled: no"])].join("\n")}\n`;
  });
  return stanzas.length === 0 ? undefined : stanzas.join("\n");
}

/** What a file that was written says; what Proxmox VE has no handle for is not kept. */
export function readSources(file: string, text: string): Entries {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "im").exec(stanza)?.[1]?.trim();
    const found = Object.entries(standardRepositories).find(
      ([, known]) => known.file === file && known.uri === field("URIs") && known.component === field("Components"),
    );
    const isEnabled = !/^(no|false|0)$/i.test(field("Enabled") ?? "yes");
    return found === undefined ? [] : [{ handle: found[0], isEnabled }];
  });
}

/** The host's repositories with those of one file replaced. */
export function replaceEntries(host: ProxmoxHost, file: string, entries: Entries): void {
  const others = host.repositories.filter(({ handle }) => standardRepositories[handle]?.file !== file);
  host.repositories = [...others, ...entries];
}

/** URIs that refuse a host without a subscription. */
export function refusedUris(host: ProxmoxHost): string[] {
  return host.repositories.flatMap(({ handle, isEnabled }) => {
    const uri = standardRepositories[handle]?.uri ?? "";
    return isEnabled && uri.startsWith("https://enterprise.") ? [uri] : [];
  });
}
