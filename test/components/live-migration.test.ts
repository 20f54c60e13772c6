import assert from "node:assert/strict";
import { LiveMigration } from "../../components/live-migration.ts";
import { recordResources } from "../support/record-resources.ts";

const optionsOf = async (migrationPrefix?: string): Promise<unknown> => {
  const args = migrationPrefix === undefined ? {} : { migrationPrefix };
  const recording = await recordResources(() => new LiveMigration("live-migration", args));
  return recording.named("live-migration-options").inputs;
};

describe("LiveMigration", () => {
  it("moves machines over the network it is told, encrypted", async () => {
    assert.deepEqual(await optionsOf("198.51.100.0/24"), {
      migrationType: "secure",
      migrationCidr: "198.51.100.0/24",
    });
  });

  it("leaves the network to Proxmox VE where none is planned", async () => {
    assert.deepEqual(await optionsOf(), { migrationType: "secure" });
  });
});
