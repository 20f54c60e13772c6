import assert from "node:assert/strict";
import { renderBootGuide } from "../../../plan/render/boot-guide.ts";
import { renderSchematic, schematicId } from "../../../plan/schematic.ts";
import { planOf } from "../../support/configs.ts";
import { ms01Plan } from "../../support/homelab-plan.ts";

describe("renderBootGuide", () => {
  const plan = ms01Plan();
  const text = renderBootGuide(plan, "Pulumi.ms01.yaml");

  it("names the very image that the program takes for the first boot", () => {
    const id = schematicId(renderSchematic(plan.image, "first-boot"));
    assert.ok(text.includes(`https://factory.talos.dev/image/${id}/v1.13.0/metal-amd64.iso`));
    assert.match(text, /- bond=bond0:enp87s0,enp90s0:mode=802\.3ad,miimon=100\n/);
    assert.match(text, /- vlan=bond0\.20:bond0\n/);
  });

  it("has the firmware enrol Talos's keys where only signed images may start", () => {
    const signed = renderBootGuide(planOf("ms01", { talos: { secureBoot: true } }), "Pulumi.ms01.yaml");
    assert.match(signed, /metal-amd64-secureboot\.iso to it, e\.g\. `dd if=metal-amd64-secureboot\.iso of/);
    assert.match(signed, /Firmware: UEFI, secure boot on with its keys cleared/);
    assert.match(signed, /Enroll Secure Boot keys: auto/);
    assert.match(text, /Firmware: UEFI, secure boot off/);
  });

  it("says which machines the program switches on itself", () => {
    assert.doesNotMatch(text, /by AMT/);
    const page = renderBootGuide(planOf("metal-amt"), "Pulumi.ms01.yaml");
    assert.match(
      page,
      /Not to be booted by hand: ms01-01 from its stick, ms01-02 by PXE\. `pulumi up` switches them on/,
    );
  });

  it("says where each machine answers, by which card, and which disk it takes", () => {
    assert.match(
      text,
      /ms01-02 *\| talos-ms01-02 *\| 10\.8\.20\.12 *\| 58:47:ca:00:02:01 *\| the disk with size <= 600GB, type nvme \(\/dev\/disk\/by-id\/nvme-ms01-02-system\)/,
    );
  });
});
