// What holds something goes only after it was announced, and what others know something by stays: the last run recorded both, and the
// next one compares.
import * as pulumi from "@pulumi/pulumi";

/** A node or a host. */
interface Recorded {
  readonly name: string;
  /** What would be lost with it. */
  readonly holds: readonly string[];
  readonly retire: boolean;
  /** What it may not change, by path. */
  readonly keeps: Readonly<Record<string, string>>;
}

/** What a run records, in the environment of a command that does nothing. Without a secret in it: a hook is given those as promises only. */
export function heldRecord(present: readonly Recorded[]): Readonly<Record<"PRESENT" | "HELD" | "KEPT", string>> {
  const held = present.filter((one) => !mayGo(one)).map(({ name, holds }) => [name, holds]);
  const kept = present.map(({ name, keeps }) => [name, keeps]);
  return {
    PRESENT: present.map(({ name }) => name).join(" "),
    HELD: JSON.stringify(Object.fromEntries(held)),
    KEPT: JSON.stringify(Object.fromEntries(kept)),
  };
}

/** Whether something may vanish from the description just so: it holds nothing, or the description has said that it is to go. */
export function mayGo({ holds, retire }: { readonly holds: readonly string[]; readonly retire: boolean }): boolean {
  return retire || holds.length === 0;
}

/** Refuses, in the preview already, that something vanishes which holds something and was not announced, and that it becomes another. */
export function heldHook(name: string, section: "nodes" | "hosts"): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    name,
    ({ oldInputs, newInputs }) => {
      const refused = [...lost(section, oldInputs, newInputs), ...changed(section, oldInputs, newInputs)];
      if (refused.length > 0) throw new Error(refused.join("\n"));
    },
    { onDryRun: true },
  );
}

type Inputs = Record<string, unknown> | undefined;

const variable = (inputs: Inputs, key: "PRESENT" | "HELD" | "KEPT"): string =>
  String((inputs?.["environment"] as Record<string, unknown> | undefined)?.[key] ?? "");

function lost(section: string, before: Inputs, now: Inputs): string[] {
  const stay = variable(now, "PRESENT").split(" ");
  const held = JSON.parse(variable(before, "HELD") || "{}") as Record<string, string[]>;
  return Object.entries(held)
    .filter(([one]) => !stay.includes(one))
    .map(
      ([one, what]) =>
        `${section}.${one} is not in the description any more, and holds ${what.join(" and ")}; put it back with "retire: true", run up, then remove it`,
    );
}

function changed(section: string, before: Inputs, now: Inputs): string[] {
  const kept = (inputs: Inputs) => JSON.parse(variable(inputs, "KEPT") || "{}") as Record<string, Recorded["keeps"]>;
  const after = kept(now);
  return Object.entries(kept(before)).flatMap(([one, keeps]) =>
    Object.entries(keeps).flatMap(([path, value]) => {
      const next = after[one]?.[path];
      return next === undefined || next === value
        ? []
        : [
            `${section}.${one}.${path}: ${one} is there with ${value}, by which the others know it, and cannot become ${next} in place; put ${value} back, or do it in two steps: take ${one} out and run up (docs/guides/remove-${section === "nodes" ? "node" : "host"}.md), then add it as it shall be and run up`,
          ];
    }),
  );
}
