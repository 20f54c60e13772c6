// Bonds, bridges and VLAN interfaces. Every change is checked as Proxmox checks it, and reloaded at once, as the plug-in does.
import type { CheckFailure } from "../../plugin/contract.ts";
import { UNKNOWN } from "../../plugin/wire.ts";
import type { Link } from "../../rack/links.ts";
import { baseLink, type Interface, interfaceResource } from "./interface-resource.ts";

interface Bond extends Interface {
  slaves: string[];
  bondMode?: string;
  bondPrimary?: string;
  bondXmitHashPolicy?: string;
}
interface Bridge extends Interface {
  ports?: string[];
  vlanAware: boolean;
  vids?: string;
}
interface Vlan extends Interface {
  interface?: string;
  vlan?: number;
}

function bondLink(inputs: Bond): Link {
  return {
    ...baseLink(inputs, "bond"),
    members: [...inputs.slaves],
    bondMode: inputs.bondMode ?? "balance-rr",
    ...(inputs.bondXmitHashPolicy !== undefined && { xmitHashPolicy: inputs.bondXmitHashPolicy }),
    ...(inputs.bondPrimary !== undefined && { bondPrimary: inputs.bondPrimary }),
  };
}

function vlanIds(vids: string | undefined): number[] | undefined {
  return vids?.split(/[\s,;]+/).flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return from === undefined || to === undefined
      ? []
      : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

const ALL_VIDS = "2-4094";

function bridgeLink(inputs: Bridge): Link {
  const ids = inputs.vlanAware ? vlanIds(inputs.vids) : undefined;
  return {
    ...baseLink(inputs, "bridge"),
    members: inputs.ports ?? [],
    vlanAware: inputs.vlanAware,
    ...(ids && { vlanIds: ids }),
  };
}

/** `bond0.48`, or a free name with `interface` and `vlan`. */
function vlanParts(inputs: Vlan): { parent: string | undefined; vlanId: number | undefined } {
  const [, parent, id] = /^(.+)\.(\d+)$/.exec(inputs.name) ?? [];
  return { parent: inputs.interface ?? parent, vlanId: inputs.vlan ?? (id === undefined ? undefined : Number(id)) };
}

function vlanLink(inputs: Vlan): Link {
  const { parent, vlanId } = vlanParts(inputs);
  return {
    ...baseLink(inputs, "vlan"),
    ...(parent !== undefined && { parent }),
    ...(vlanId !== undefined && { vlanId }),
  };
}

function nameFailure(name: unknown, form: RegExp, reason: string): CheckFailure[] {
  return typeof name === "string" && !form.test(name)
    ? [{ property: "name", reason: `Invalid Attribute Value Match: Attribute name ${reason}, got: ${name}` }]
    : [];
}

const isKnown = (value: unknown): boolean => value !== undefined && value !== (UNKNOWN as unknown);

const BOND_MODES = ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"];

function checkBond(inputs: Partial<Bond>): CheckFailure[] {
  const failures = nameFailure(
    inputs.name,
    /^[A-Za-z][A-Za-z0-9]{0,9}$/,
    "must be bond[N] or an alphanumeric string of at most 10 characters that starts with a letter",
  );
  const { bondMode, slaves } = inputs;
  if (isKnown(bondMode) && !BOND_MODES.includes(bondMode ?? ""))
    failures.push({ property: "bondMode", reason: `value must be one of: ${BOND_MODES.join(", ")}, got: ${bondMode}` });
  if (
    Array.isArray(slaves) &&
    slaves.every((slave) => typeof slave === "string") &&
    slaves.join() !== [...slaves].sort().join()
  ) {
    failures.push({
      property: "slaves",
      reason: `Provider produced inconsistent result after apply: the API sorts slaves; give them as ${[...slaves].sort().join(", ")}`,
    });
  }
  return failures;
}

function checkVlan(inputs: Partial<Vlan>): CheckFailure[] {
  const { name } = inputs;
  if (typeof name !== "string") return [];
  const isDotted = /\.\d+$/.test(name);
  if (isDotted && (inputs.interface !== undefined || inputs.vlan !== undefined)) {
    return [
      {
        property: "name",
        reason: `Invalid VLAN name: ${name} names interface and VLAN already; leave out interface and vlan`,
      },
    ];
  }
  if (!isDotted && (inputs.interface === undefined || inputs.vlan === undefined)) {
    return [
      { property: "name", reason: `Invalid VLAN name: ${name} is a custom name, so interface and vlan are required` },
    ];
  }
  return [];
}

export const networkResources = {
  "proxmoxve:network/linux/bond:Bond": interfaceResource<Bond>({
    kind: "bond",
    label: "Linux Bond",
    link: bondLink,
    check: checkBond,
    state: (link) => ({
      slaves: [...(link.members ?? [])].sort(),
      bondMode: link.bondMode,
      bondXmitHashPolicy: link.xmitHashPolicy,
      bondPrimary: link.bondPrimary,
    }),
  }),
  "proxmoxve:network/linux/bridge:Bridge": interfaceResource<Bridge>({
    kind: "bridge",
    label: "Linux Bridge",
    link: bridgeLink,
    check: (inputs) =>
      nameFailure(
        inputs.name,
        /^[A-Za-z][A-Za-z0-9_]{0,9}$/,
        "must contain only letters, numbers, and underscores (_), start with a letter, and be no longer than 10 characters",
      ),
    state: (link) => ({
      ports: link.members?.length ? link.members : undefined,
      vlanAware: link.vlanAware ?? false,
      vids: link.vlanAware ? (link.vlanIds?.join(" ") ?? ALL_VIDS) : undefined,
    }),
  }),
  "proxmoxve:network/linux/vlan:Vlan": interfaceResource<Vlan>({
    kind: "vlan",
    label: "Linux VLAN",
    link: vlanLink,
    check: checkVlan,
    state: (link) => ({ interface: link.parent, vlan: link.vlanId }),
  }),
};
