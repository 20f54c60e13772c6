import assert from "node:assert/strict";
import { getSchematic, schematicOfImage, uploadSchematic } from "../../../lab/rack/talos/image-factory.ts";
import { type FurnishedRack, furnishedRack } from "../furnished-rack.ts";

describe("the image factory", () => {
  let world: FurnishedRack;
  beforeEach(() => {
    world = furnishedRack();
  });
  afterEach(() => world.close());

  it("gives the ids that factory.talos.dev gives", () => {
    const empty = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba";
    const guestAgent = "ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515";
    assert.equal(uploadSchematic(world.rack, "customization: {}"), empty);
    assert.equal(
      uploadSchematic(
        world.rack,
        "customization: {systemExtensions: {officialExtensions: [siderolabs/qemu-guest-agent]}}",
      ),
      guestAgent,
    );
    assert.deepEqual(getSchematic(world.rack, guestAgent)?.extensions, ["siderolabs/qemu-guest-agent"]);
  });

  it("refuses an extension by its old name", () => {
    assert.throws(
      () =>
        uploadSchematic(world.rack, "customization: {systemExtensions: {officialExtensions: [siderolabs/i915-ucode]}}"),
      {
        message: 'official extension "siderolabs/i915-ucode" is not available for Talos version',
      },
    );
  });

  it("refuses keys that a schematic does not have", () => {
    assert.throws(
      () => uploadSchematic(world.rack, "customisation: {}"),
      /field customisation not found in type schematic.Schematic/,
    );
  });

  it("has no installer for a schematic that was never handed in", () => {
    const id = "0".repeat(64);
    assert.match(
      schematicOfImage(world.rack, `factory.talos.dev/nocloud-installer/${id}:v1.13.0`).problem ?? "",
      /schematic 0+ not found/,
    );
  });
});
