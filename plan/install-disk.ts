// Which disk of a machine on the metal Talos is installed on: named, or found by its properties. Talos wipes it and takes the first that
// fits, so exactly one may fit, and none that is there for something else.
import type { Environment } from "../config/schema.ts";
import type { Draft } from "./draft.ts";
import { sortedEntries } from "./order.ts";

type Node = Environment["nodes"][string];
type Disk = Environment["hosts"][string]["disks"][string];
type Match = NonNullable<NonNullable<Node["install"]>["match"]>;
type Property = keyof Match;

/** Whether a disk fits; undecided where it does not say what is asked for. */
type Verdict =
  | { readonly fits: true }
  | { readonly fits: false; readonly because: string }
  | { readonly fits: "undecided"; readonly unsaid: string };

const units: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Checks `nodes.<name>.install`. */
export function readInstallDisk(draft: Draft, path: string, name: string, node: Node): void {
  const disks = draft.env.hosts[node.host]?.disks ?? {};
  const { disk, match } = node.install ?? {};
  const where = `${path}.install`;
  if (disk === undefined && match === undefined) {
    const message = `${name} does not say which disk Talos is installed on; add install: { disk: … } or install: { match: … }`;
    draft.error("node-without-install-disk", path, message);
  } else if (disk !== undefined && match !== undefined) {
    draft.error(
      "install-disk-twice",
      where,
      `${name} names a disk and describes one, too; Talos would go by the description, remove disk or match`,
    );
  } else if (disk !== undefined) {
    if (draft.known("disk", disk, disks, `${where}.disk`))
      checkUse(draft, `${where}.disk`, node.host, disk, disks[disk]);
  } else if (match !== undefined) readMatch(draft, `${where}.match`, node.host, disks, match);
}

function readMatch(
  draft: Draft,
  path: string,
  host: string,
  disks: Readonly<Record<string, Disk>>,
  match: Match,
): void {
  const verdicts = sortedEntries(disks).map(([name, disk]) => ({ name, verdict: judge(disk, match) }));
  const fitting = verdicts.filter(({ verdict }) => verdict.fits === true).map(({ name }) => name);
  const [first] = fitting;
  const undecided = verdicts.flatMap(({ name, verdict }) =>
    verdict.fits === "undecided" ? [`${name} (${verdict.unsaid})`] : [],
  );
  if (fitting.length > 1) {
    draft.error(
      "install-match-ambiguous",
      path,
      `${fitting.join(" and ")} of ${host} both fit and Talos takes the first it finds; add a property that only one of them has`,
    );
  } else if (undecided.length > 0) {
    draft.error(
      "install-match-undecided",
      path,
      `nobody can tell beforehand whether these disks of ${host} fit: ${undecided.join(", ")}; describe them in hosts.${host}.disks, or ask for something else`,
    );
  } else if (first === undefined) {
    const reasons = verdicts.map(({ name, verdict }) => `${name}: ${verdict.fits === false ? verdict.because : ""}`);
    draft.error(
      "install-match-none",
      path,
      `no disk of ${host} fits (${reasons.join("; ")}), and Talos would refuse its configuration; correct the properties`,
    );
  } else checkUse(draft, path, host, first, disks[first]);
}

/** Talos takes the whole disk. */
function checkUse(draft: Draft, path: string, host: string, name: string, disk: Disk | undefined): void {
  if (disk === undefined || disk.use === "system" || disk.use === "unused") return;
  draft.error(
    "install-disk-taken",
    path,
    `Talos would wipe ${name} of ${host}, which is there for ${disk.use}; choose the disk with use: system`,
  );
}

function judge(disk: Disk, match: Match): Verdict {
  const verdicts = (Object.keys(match) as Property[]).map((property) => judgeProperty(disk, match, property));
  return (
    verdicts.find(({ fits }) => fits === false) ?? verdicts.find(({ fits }) => fits === "undecided") ?? { fits: true }
  );
}

function judgeProperty(disk: Disk, match: Match, property: Property): Verdict {
  if (property === "size") return judgeSize(disk.sizeGiB, match.size ?? "");
  const wanted = match[property] ?? "";
  const value = disk[property];
  if (value === undefined) return { fits: "undecided", unsaid: `its ${property} is not said` };
  const fits = property === "type" ? hasType(value, wanted) : isLike(value, wanted);
  return fits ? { fits } : { fits, because: `its ${property} is ${value}` };
}

/** Sizes are described to the GiB: what lies closer to the limit could be on either side of it. */
function judgeSize(sizeGiB: number, condition: string): Verdict {
  const [, sign = "", amount = "", unit = ""] = /^([<>]=?) ?([\d.]+) ?(\w+)$/.exec(condition) ?? [];
  const limitGiB = (Number(amount) * (units[unit] ?? Number.NaN)) / 2 ** 30;
  if (Math.abs(sizeGiB - limitGiB) <= 1)
    return { fits: "undecided", unsaid: `${sizeGiB} GiB is too close to ${condition.replace(/^[<>]=? ?/, "")}` };
  const fits = sizeGiB < limitGiB === sign.startsWith("<");
  return fits ? { fits } : { fits, because: `it has ${sizeGiB} GiB` };
}

/** In Talos's words an ssd is what does not rotate, an NVMe or a card, too. */
const hasType = (type: string, wanted: string): boolean => type === wanted || (wanted === "ssd" && type !== "hdd");

/** `*` stands for anything. */
function isLike(value: string, wanted: string): boolean {
  const parts = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(value);
}

/** Where Talos goes, as far as it is sure. */
export interface InstallDisk {
  /** Path of the disk that is meant. */
  readonly installDisk: string;
  /** Talos's disk selector; absent: the path itself is given. */
  readonly installMatch?: Match;
}

/** The disk as the Plan shows it: `/dev/sda` in a machine. */
export function planInstallDisk(env: Environment, node: Node): InstallDisk {
  if (node.vm !== undefined) return { installDisk: "/dev/sda" };
  const disks = env.hosts[node.host]?.disks ?? {};
  const { disk = "", match } = node.install ?? {};
  if (match === undefined) return { installDisk: disks[disk]?.device ?? "" };
  const found = sortedEntries(disks).find(([, candidate]) => judge(candidate, match).fits === true);
  return { installDisk: found?.[1].device ?? "", installMatch: match };
}
