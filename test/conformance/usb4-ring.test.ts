// The USB4 ring of Proxmox hosts: its files by the programs that read them, and the ring itself with FRR's own daemons.
import assert from "node:assert/strict";
import { declareStack } from "../../conformance/declared.ts";
import { declaredScripts } from "../../conformance/host-scripts.ts";
import { linksTools, udevSays } from "../../conformance/hosts/links-script.ts";
import { type FabricFiles, fabricFiles } from "../../conformance/hosts/proxmox-fabric.ts";
import { type RingRun, ringPackages, runRing } from "../../conformance/hosts/ring-run.ts";
import { runTwice } from "../../conformance/hosts/run-twice.ts";
import { openTestHost, type TestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import type { RingPlan } from "../../plan/plan.ts";
import type { Recording } from "../support/record-resources.ts";
import { ringPlan } from "../support/ring-plan.ts";

const plan = ringPlan();
const { ring } = plan;
const hosts = ring.members.map((member) => member.host);
const [host, udev] = [await openTestHost(...ringPackages), await openTestHost("udev")];

/** Every pair of hosts, and the cables between them: one, or two for a pair whose own cable is pulled. */
const expected = (pulled?: RingPlan["cables"][number]): Record<string, number> => {
  const isPulled = (from: string, to: string): boolean =>
    [pulled?.a.host, pulled?.b.host].every((end) => end === from || end === to) && pulled !== undefined;
  return Object.fromEntries(
    hosts.flatMap((from) =>
      hosts.flatMap((to): [string, number][] => (from === to ? [] : [[`${from} ${to}`, isPulled(from, to) ? 2 : 1]])),
    ),
  );
};

piece(
  {
    subject: "the USB4 ring of Proxmox hosts",
    against:
      host === undefined
        ? "FRR"
        : `FRR ${host.version("frr")} (vtysh, zebra, fabricd, frr-reload) and ifupdown2 ${host.version("ifupdown2")}, one network namespace a host; udev ${udev?.version("udev")}`,
    limit:
      "Thunderbolt's driver, whose interfaces are virtual NICs here; Proxmox VE's own rendering of FRR's file, which is rebuilt here after its sources, and the FRR 10 it ships",
  },
  function () {
    this.timeout("6m");
    let declared: Recording;
    let files: readonly FabricFiles[] = [];
    const runs = new Map<RingPlan["cables"][number], RingRun>();
    const on = (): TestHost => {
      assert.ok(host);
      return host;
    };
    before(async function () {
      if (host === undefined || udev === undefined) this.skip();
      declared = await declareStack(plan);
      files = fabricFiles(declared);
      const seen = await Promise.all(
        ring.cables.map(async (pulled) => [pulled, await runRing(host, { plan: ring, files, pulled })] as const),
      );
      for (const [cable, run] of seen) runs.set(cable, run);
    });

    it("every host is in the fabric", () => {
      assert.deepEqual(
        files.map((file) => file.host),
        [...hosts].sort(),
      );
    });
    it("FRR accepts every host's file, and every host reaches every other by their own cable", () => {
      for (const { whole } of runs.values()) assert.deepEqual(whole, expected());
    });
    it("FRR's file applied a second time changes nothing", () => {
      for (const { secondApply } of runs.values()) assert.deepEqual(secondApply, {});
    });
    for (const cable of ring.cables) {
      const { a, b } = cable;
      it(`without the cable from ${a.host} to ${b.host} all hosts reach each other, these two over the third`, () => {
        assert.deepEqual(runs.get(cable)?.without, expected(cable));
      });
      it(`the cable from ${a.host} to ${b.host} is used again when it is plugged in and ifup has run on its ends`, () => {
        assert.deepEqual(runs.get(cable)?.again, expected());
      });
    }

    const linksScript = (of: string): string => {
      const name = `usb4-ring-${of}-links create`;
      const script = declaredScripts(declared).find((one) => one.name === name);
      assert.ok(script, `there is no ${name}`);
      return script.text;
    };
    for (const of of hosts) {
      it(`the script of ${of} run twice changes nothing the second time`, async () => {
        const tools = { ...linksTools, udevadm: "" };
        const { changed, asked } = await runTwice(on(), { script: linksScript(of), tools });
        assert.deepEqual(changed, []);
        // No initial RAM disk is built, no package is fetched.
        assert.deepEqual(asked, [
          "dpkg-query -W frr",
          "dpkg-query -W frr-pythontools",
          "systemctl is-enabled frr",
          "modprobe thunderbolt",
          "modprobe thunderbolt-net",
        ]);
      });
      it(`udev has no objection to the files of ${of}, and runs ifup for each of its ports when it appears`, async () => {
        assert.ok(udev);
        const { objections, commands } = await udevSays(udev, linksScript(of));
        assert.deepEqual(objections, []);
        const ifup = "/usr/bin/systemd-run --no-block --collect --property=After=networking.service /usr/sbin/ifup";
        assert.deepEqual(commands, [`${ifup} en05`, `${ifup} en06`]);
      });
    }
  },
);
