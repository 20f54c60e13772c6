import assert from "node:assert/strict";
import { environmentJsonSchema, settingSchemas, simulationJsonSchema } from "../../../config/stack-schema.ts";
import { renderEnvironmentReference } from "../../../plan/render/environment-reference.ts";

describe("page of the description", () => {
  const page = renderEnvironmentReference({
    environment: environmentJsonSchema(),
    simulation: simulationJsonSchema(),
    settings: settingSchemas(),
    source: "source",
  });
  const row = (key: string): string[] =>
    page
      .split("\n")
      .find((line) => line.startsWith(`| \`${key}\` `))
      ?.split("|")
      .slice(2, -1)
      .map((cell) => cell.trim()) ?? assert.fail(`no line for ${key}`);

  for (const [key, cells] of [
    ["vlans.<name>.id", ["integer", "yes", "", "VLAN id, 1 to 4094 (IEEE 802.1Q)"]],
    ["vlans.<name>.mtu", ["integer from 576 to 65535", "", "`1500`", "largest IP packet in bytes"]],
    [
      "hosts.<name>.bonds.<name>.mode",
      [
        "`802.3ad`, `active-backup`",
        "",
        '`"802.3ad"`',
        "802.3ad: LACP, all members at once; active-backup: one at a time",
      ],
    ],
    ["cluster.endpoint.node", ["string", "yes", "", "that control plane"]],
    ["usb4Ring.cables", ["list of list of 2", "yes", "", "pairs of <host>/<port>"]],
    [
      "simulation.latencyScale",
      ["number from 0 to 1", "", "`0`", "1: operations take as long as on hardware; 0: no time"],
    ],
    [
      "homelab:proxmoxApiToken",
      ["string or map", "", "", "API token of Proxmox, e.g. root@pam!pulumi=…; set it with pulumi config set --secret"],
    ],
  ] as const) {
    it(`describes ${key}`, () => assert.deepEqual(row(key), cells));
  }
});
