// Asks the simulated rack whether a creation that Pulumi did not see the end of came through.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readJournal } from "../../lab/rack/journal.ts";
import { openRack } from "../../lab/rack/store.ts";
import { REPOSITORY } from "./engine-version.ts";
import type { FindCreated } from "./pending-creates.ts";

/** Looks a resource up in the journal of the stack's rack: the last thing that happened to it counts. */
export function findInJournal(stack: string): FindCreated {
  const { config } = parse(readFileSync(join(REPOSITORY, `Pulumi.${stack}.yaml`), "utf8"));
  const rackName: string = config["homelab:simulation"].rack;
  return ({ type, name }) => {
    const rack = openRack(rackName);
    try {
      const last = readJournal(rack).findLast(
        (entry) =>
          entry.token === type &&
          entry.name === name &&
          !entry.preview &&
          ["create", "delete"].includes(entry.operation),
      );
      return last?.operation === "create" && last.outcome === "ok" ? last.id : undefined;
    } finally {
      rack.close();
    }
  };
}
