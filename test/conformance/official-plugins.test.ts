// Previews with the official plug-ins: what they say of the program before anything is made.
import assert from "node:assert/strict";
import { piece } from "../../conformance/piece.ts";
import { type OfficialPulumi, officialPulumi, requiredPlugins } from "../../conformance/pulumi/official-plugins.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import { type PveApi, servePveApi } from "../../lab/pve-api/server.ts";
import { type LabRack, labRack } from "../support/lab-rack.ts";

const apiToken = "root@pam!pulumi=simulated";
const versions = requiredPlugins().map(({ name, version }) => `${name} ${version}`);

piece(
  {
    subject: "pulumi preview of every stack",
    against: `the official plug-ins ${versions.join(", ")}`,
    limit: "what happens after the preview",
  },
  () => {
    let pulumi: OfficialPulumi | undefined;
    let lab: LabRack | undefined;
    let api: PveApi | undefined;
    before(async function () {
      this.timeout("30m");
      const found = await officialPulumi();
      if ("missing" in found) {
        console.error(found.missing);
        this.skip();
      }
      pulumi = found;
      lab = labRack("official");
      api = await servePveApi({ rack: lab.rack, apiToken });
    });
    after(async () => {
      await api?.close();
      lab?.close();
      pulumi?.close();
    });

    for (const { stack } of hardwareStacks()) {
      it(`${stack}: the preview has no complaint`, async function () {
        this.timeout("10m");
        assert.ok(pulumi && api);
        const settings = [
          ["homelab:proxmoxEndpoint", api.endpoint],
          ["homelab:proxmoxInsecure", "true"],
        ].flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
        const secrets = [`homelab:proxmoxApiToken=${apiToken}`, "homelab:sshPrivateKey=key"].flatMap((one) => [
          "--secret",
          one,
        ]);
        for (const args of [
          ["stack", "init", stack],
          ["config", "set-all", "--stack", stack, ...settings, ...secrets],
          ["preview", "--stack", stack],
        ]) {
          const { code, text } = await pulumi.run(args);
          assert.equal(code, 0, text);
        }
      });
    }
  },
);
