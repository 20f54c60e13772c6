import assert from "node:assert/strict";
import type { ImagePlan } from "../../plan/plan.ts";
import { bootImageUrls, installerName, renderSchematic, schematicId } from "../../plan/schematic.ts";

const plan: ImagePlan = {
  talosVersion: "v1.13.0",
  platform: "metal",
  extensions: ["siderolabs/qemu-guest-agent"],
  extraKernelArgs: [],
  bootKernelArgs: ["bond=bond0:eno1,eno2:mode=802.3ad", "ip=bond0.20:dhcp"],
  architecture: "amd64",
  secureBoot: false,
};

describe("renderSchematic", () => {
  it("does not depend on the order of the extensions: its hash names the image", () => {
    const extensions = ["siderolabs/qemu-guest-agent", "siderolabs/drbd"];
    const text = renderSchematic({ ...plan, extensions });
    assert.equal(
      text,
      "customization:\n    systemExtensions:\n        officialExtensions:\n            - siderolabs/drbd\n            - siderolabs/qemu-guest-agent\n",
    );
    assert.equal(renderSchematic({ ...plan, extensions: extensions.reverse() }), text);
  });

  it("keeps the order of kernel arguments, which may matter", () => {
    const text = renderSchematic({ ...plan, extensions: [], extraKernelArgs: ["iommu=pt", "intel_iommu=on"] });
    assert.equal(text, "customization:\n    extraKernelArgs:\n        - iommu=pt\n        - intel_iommu=on\n");
  });

  it("gives the network of the first boot to the first boot only", () => {
    assert.match(renderSchematic(plan, "first-boot"), / {8}- ip=bond0\.20:dhcp\n/);
    assert.doesNotMatch(renderSchematic(plan, "installed"), /bond0/);
  });
});

describe("schematicId", () => {
  // Both as factory.talos.dev gives them.
  it("is the factory's id of an image with nothing in it", () => {
    const text = renderSchematic({ ...plan, extensions: [], bootKernelArgs: [] });
    assert.equal(schematicId(text), "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba");
  });

  it("is the factory's id of an image with one extension", () => {
    assert.equal(
      schematicId(renderSchematic(plan)),
      "ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515",
    );
  });
});

describe("bootImageUrls", () => {
  it("names stick and network image of the first boot", () => {
    const id = schematicId(renderSchematic(plan, "first-boot"));
    assert.deepEqual(bootImageUrls(plan, "https://factory.talos.dev"), {
      iso: `https://factory.talos.dev/image/${id}/v1.13.0/metal-amd64.iso`,
      pxe: `https://pxe.factory.talos.dev/pxe/${id}/v1.13.0/metal-amd64`,
    });
  });

  it("names signed ones where the firmware starts nothing else, and keeps the makers' certificates", () => {
    const signed = { ...plan, secureBoot: true };
    const text = renderSchematic(signed, "first-boot");
    assert.match(text, /\n {4}secureboot:\n {8}includeWellKnownCertificates: true\n$/);
    const id = schematicId(text);
    assert.deepEqual(bootImageUrls(signed, "https://factory.talos.dev"), {
      iso: `https://factory.talos.dev/image/${id}/v1.13.0/metal-amd64-secureboot.iso`,
      pxe: `https://pxe.factory.talos.dev/pxe/${id}/v1.13.0/metal-amd64-secureboot`,
    });
    assert.equal(installerName(signed), "metal-installer-secureboot");
  });
});
