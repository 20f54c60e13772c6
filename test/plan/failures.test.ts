import assert from "node:assert/strict";
import { failuresOf } from "../../plan/failures.ts";
import type { Failure } from "../../plan/reachability.ts";
import { wiringOf } from "../../plan/wiring.ts";
import { planned, planOf, rawEnvironment, withChanges } from "../support/configs.ts";

const failures = (rack: string): readonly Failure[] => failuresOf(planOf(rack), wiringOf(planOf(rack)));

function counts(rack: string): Record<string, number> {
  const kinds = new Map<string, number>();
  for (const { kind } of failures(rack)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return Object.fromEntries(kinds);
}

describe("what can fail", () => {
  it("is each thing once", () => {
    assert.deepEqual(counts("homelab"), { cable: 9, uplink: 2, switch: 2, host: 3, disk: 6, router: 1 });
  });

  it("is a cable between two switches once, although both of them name it", () => {
    const uplinks = failures("datacenter").filter(({ kind }) => kind === "uplink");
    assert.deepEqual(
      uplinks.map(({ uplinks: ends }) => [...ends].join(" ")),
      ["core/1 tor-1/22", "core/2 tor-2/22", "core/3 tor-3/22", "core/31 pxe-mgmt/49", "core/32"],
    );
  });

  it("pairs several cables between two switches in the order in which people count ports, as the check of their ends does", () => {
    const { plan, problems } = planned(
      withChanges(rawEnvironment("datacenter"), {
        "switches.core.ports.1": null,
        "switches.core.ports.9": { speedMbps: 100_000, uplink: "tor-1", tagged: ["cluster", "clients"] },
        "switches.core.ports.10": { speedMbps: 100_000, uplink: "tor-1", tagged: ["storage"] },
        "switches.tor-1.ports.21": { speedMbps: 100_000, uplink: "core", tagged: ["cluster", "clients"] },
        "switches.tor-1.ports.22": { speedMbps: 100_000, uplink: "core", tagged: ["storage"] },
      }),
    );
    const between = wiringOf(plan).uplinks.filter(({ switchName, to }) => switchName === "core" && to === "tor-1");
    assert.deepEqual(
      between.map(({ port, toPort }) => [port, toPort]),
      [
        ["9", "21"],
        ["10", "22"],
      ],
    );
    assert.deepEqual(
      problems.filter(({ code }) => code === "uplink-ends-differ"),
      [],
    );
  });

  it("is a rack with its hosts and the switches that only they are plugged into", () => {
    assert.equal(counts("datacenter")["rack"], 3);
    const [first] = failures("datacenter").filter(({ kind }) => kind === "rack");
    assert.deepEqual([...(first?.hosts ?? [])], ["server01", "server02", "server03"]);
    assert.deepEqual([...(first?.switches ?? [])], ["tor-1"]);
  });
});
