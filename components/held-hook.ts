// What holds something goes only after it was announced: the last run recorded what each thing holds, and the next one compares.
import * as pulumi from "@pulumi/pulumi";

/** What a run records, in the environment of a command that does nothing. Without a secret in it: a hook is given those as promises only. */
export function heldRecord(
  present: readonly { readonly name: string; readonly holds: readonly string[]; readonly retire: boolean }[],
): Readonly<Record<"PRESENT" | "HELD", string>> {
  const held = present.filter((one) => !mayGo(one)).map(({ name, holds }) => [name, holds]);
  return { PRESENT: present.map(({ name }) => name).join(" "), HELD: JSON.stringify(Object.fromEntries(held)) };
}

/** Whether something may vanish from the description just so: it holds nothing, or the description has said that it is to go. */
export function mayGo({ holds, retire }: { readonly holds: readonly string[]; readonly retire: boolean }): boolean {
  return retire || holds.length === 0;
}

/** Refuses, in the preview already, that something vanishes which holds something and was not announced. @param section of the description */
export function heldHook(name: string, section: "nodes" | "hosts"): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    name,
    ({ oldInputs, newInputs }) => {
      const variable = (inputs: Record<string, unknown> | undefined, key: string): string =>
        String((inputs?.["environment"] as Record<string, unknown> | undefined)?.[key] ?? "");
      const stay = variable(newInputs, "PRESENT").split(" ");
      const held = JSON.parse(variable(oldInputs, "HELD") || "{}") as Record<string, string[]>;
      const lost = Object.entries(held).filter(([one]) => !stay.includes(one));
      if (lost.length === 0) return;
      const lines = lost.map(
        ([one, what]) =>
          `${section}.${one} is not in the description any more, and holds ${what.join(" and ")}; put it back with "retire: true", run up, then remove it`,
      );
      throw new Error(lines.join("\n"));
    },
    { onDryRun: true },
  );
}
