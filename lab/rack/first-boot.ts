// What a person does with new machines on the metal: hands the schematic in, writes the image to a stick, puts it in and presses the button
// (the stack's generated boot-metal.md). Done once; a machine that is switched off later stays off.
import { randomUUID } from "node:crypto";
import type { Plan } from "../../plan/plan.ts";
import { bootImageUrls, renderSchematic } from "../../plan/schematic.ts";
import type { NetworkBoot } from "./amt.ts";
import { hosts } from "./hosts.ts";
import type { Rack } from "./store.ts";
import { uploadSchematic } from "./talos/image-factory.ts";
import type { MetalBoot } from "./talos/metal-network.ts";

/**
 * Boots the machines of a plan that were never booted; returns their names. Those that the program switches on by AMT stay off: they are
 * given their stick, or find the image on the network.
 */
export function bootNewMachines(rack: Rack, plan: Plan): string[] {
  if (plan.platform !== "metal") return [];
  return rack.transaction(() => {
    const boots = rack.collection<MetalBoot>("metal-boot");
    const all = new Set(plan.nodes.map(({ host }) => host));
    const fresh = [...all].filter((host) => boots.get(host) === undefined && hosts(rack).get(host) !== undefined);
    if (fresh.length > 0) uploadSchematic(rack, renderSchematic(plan.image, "first-boot"));
    const { iso } = bootImageUrls(plan.image, `https://factory.${rack.name}.rack.invalid`);
    for (const host of fresh) {
      const byAmt = plan.amtFirstBoots.find((one) => one.host === host);
      if (byAmt?.fromNetwork) rack.collection<NetworkBoot>("network-boot").put("pxe", { imageUrl: iso });
      else boots.put(host, { imageUrl: iso, instance: randomUUID() });
      if (byAmt === undefined)
        hosts(rack).edit(host, (body) => {
          body.powered = true;
        });
    }
    return fresh;
  });
}
