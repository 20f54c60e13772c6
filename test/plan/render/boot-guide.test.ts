import assert from "node:assert/strict";
import { renderBootGuide } from "../../../plan/render/boot-guide.ts";
import { renderSchematic, schematicId } from "../../../plan/schematic.ts";
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

  it("says where each machine answers, by which card, and which disk it takes", () => {
    assert.match(
      text,
      /ms01-02 *\| talos-ms01-02 *\| 10\.8\.20\.12 *\| 58:47:ca:00:02:01 *\| the disk with size <= 600GB, type nvme \(\/dev\/disk\/by-id\/nvme-ms01-02-system\)/,
    );
  });
});
