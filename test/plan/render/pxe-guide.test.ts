import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { renderPxeDnsmasq, renderPxeGuide } from "../../../plan/render/pxe-guide.ts";
import { bootImageUrls } from "../../../plan/schematic.ts";
import { planOf } from "../../support/configs.ts";

describe("page of the PXE server", () => {
  const plan = planOf("datacenter");
  const page = renderPxeGuide(plan, "Pulumi.datacenter.yaml") ?? "";

  it("is there only where machines boot by PXE", () => {
    assert.equal(renderPxeGuide(planOf("ms01"), "source"), undefined);
  });

  it("fetches the very image that the program takes for the first boot", () => {
    assert.ok(
      page.includes(`curl -fsSL -o factory.ipxe ${bootImageUrls(plan.image, "https://factory.talos.dev").pxe}\n`),
    );
  });

  it("has the server hand on what the factory's script names, with the arguments as they are", () => {
    const script =
      "#!ipxe\n\nkernel https://pxe.factory.talos.dev/image/0f/v1.13.0/kernel-amd64 talos.platform=metal vlan=a.200:a\n\ninitrd https://pxe.factory.talos.dev/image/0f/v1.13.0/initramfs-amd64.xz\n\nboot\n";
    const [, sed = ""] = /^sed -E '([^']+)'/m.exec(page) ?? [];
    assert.equal(
      execFileSync("sed", ["-E", sed], { input: script, encoding: "utf8" }),
      "#!ipxe\n\nkernel http://10.0.100.10/kernel-amd64 talos.platform=metal vlan=a.200:a\n\ninitrd http://10.0.100.10/initramfs-amd64.xz\n\nboot\n",
    );
  });

  it("tells every management controller that speaks IPMI, and no other", () => {
    const [, controllers = ""] = /^for bmc in (.*); do$/m.exec(page) ?? [];
    assert.deepEqual(
      controllers.split(" "),
      plan.hosts.map(({ outOfBand }) => outOfBand?.address),
    );
    const other = planOf("datacenter", { "hosts.server09.outOfBand.kind": "other" });
    assert.match(renderPxeGuide(other, "source") ?? "", /\| server09 .* by hand +\|/);
  });

  it("gives no address to strangers where none are kept for them", () => {
    const { provisioning } = planOf("datacenter", { "vlans.provisioning.ranges": [] });
    assert.ok(provisioning);
    assert.match(renderPxeDnsmasq(provisioning), /^dhcp-range=10\.0\.100\.10,static,255\.255\.255\.0,1h$/m);
  });
});
