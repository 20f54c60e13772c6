import assert from "node:assert/strict";
import * as proxmox from "@muhlba91/pulumi-proxmoxve";
import * as talos from "@pulumiverse/talos";
import { TalosImage } from "../../components/talos-image.ts";
import type { ImagePlan } from "../../plan/plan.ts";
import { renderSchematic } from "../../plan/schematic.ts";
import { type Recording, recordResources, settled } from "../support/record-resources.ts";

const id = "0123456789abcdef0123456789abcdef";
const plan: ImagePlan = {
  talosVersion: "v1.13.0",
  platform: "nocloud",
  extensions: ["siderolabs/qemu-guest-agent", "siderolabs/drbd"],
  extraKernelArgs: [],
  bootKernelArgs: [],
  architecture: "amd64",
  secureBoot: false,
};

async function build(
  hosts: readonly string[],
  change: Partial<ImagePlan> = {},
): Promise<{ recording: Recording; image: TalosImage }> {
  let image: TalosImage | undefined;
  const recording = await recordResources(
    () => {
      const providers = {
        proxmoxve: new proxmox.Provider("proxmox", { endpoint: "https://192.0.2.10:8006/" }),
        talos: new talos.Provider("talos", { imageFactoryUrl: "https://factory.example.test" }),
      };
      const args = { plan: { ...plan, ...change }, hosts, factoryUrl: "https://factory.example.test" };
      image = new TalosImage("image", args, { providers });
    },
    // The factory gives the schematic its id.
    {
      state: ({ type }) => (type.endsWith(":Schematic") ? { id } : {}),
      ids: ({ type }) => (type.endsWith(":Schematic") ? id : undefined),
    },
  );
  assert.ok(image);
  return { recording, image };
}

describe("TalosImage", () => {
  it("downloads the image once to every host, under a name that changes with the image only", async () => {
    const { recording } = await build(["pve-a", "pve-b"]);
    assert.deepEqual(recording.namesOf("proxmoxve:download/file:File"), ["image-pve-a", "image-pve-b"]);
    const { inputs, parent, provider } = recording.named("image-pve-b");
    assert.deepEqual([parent, provider], ["image", "proxmox"]);
    assert.deepEqual(inputs, {
      nodeName: "pve-b",
      datastoreId: "local",
      contentType: "import",
      fileName: "talos-0123456789ab-v1.13.0-nocloud-amd64.qcow2",
      url: `https://factory.example.test/image/${id}/v1.13.0/nocloud-amd64.qcow2`,
      overwrite: false,
      uploadTimeout: 1800,
    });
  });

  it("hands out the installer of the same schematic, which keeps the names eth0 and eth1", async () => {
    const { image } = await build(["pve-a"]);
    assert.equal(await settled(image.installerImage), `factory.example.test/nocloud-installer/${id}:v1.13.0`);
    assert.deepEqual(Object.keys(image.fileIds), ["pve-a"]);
  });

  it("downloads nothing on the metal, and says where to boot from", async () => {
    const { recording, image } = await build([], { platform: "metal" });
    assert.deepEqual(recording.namesOf("proxmoxve:download/file:File"), []);
    assert.deepEqual(
      [await settled(image.isoUrl), await settled(image.pxeUrl), await settled(image.installerImage)],
      [
        `https://factory.example.test/image/${id}/v1.13.0/metal-amd64.iso`,
        `https://pxe.factory.example.test/pxe/${id}/v1.13.0/metal-amd64`,
        `factory.example.test/metal-installer/${id}:v1.13.0`,
      ],
    );
  });

  it("asks for the planned extensions by the planned provider", async () => {
    const { recording } = await build(["pve-a"]);
    const schematic = recording.named("image-schematic");
    assert.deepEqual(
      [schematic.type, schematic.parent, schematic.provider],
      ["talos:imageFactory/schematic:Schematic", "image", "talos"],
    );
    assert.deepEqual(schematic.inputs, { schematic: renderSchematic(plan) });
  });
});
