import assert from "node:assert/strict";
import { renderRouterConfig } from "../../../plan/render/router-config.ts";
import { planOf } from "../../support/configs.ts";

const cells = (page: string, section: string): string[][] =>
  (page.split(`## ${section}\n`)[1]?.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("page of the router", () => {
  const page = renderRouterConfig(planOf(), "source");

  it("has no interface in the storage network", () => {
    assert.deepEqual(
      cells(page, "Networks").map(([id]) => id),
      ["1", "16", "28"],
    );
    assert.match(page, /Not on the router at all: storage \(48\)\./);
  });

  it("numbers the rules in force, in their order, and shows those that are off", () => {
    const rules = cells(page, "Firewall").map(([number, name]) => [number, name]);
    assert.deepEqual(rules.slice(0, 3), [
      ["off", "management-to-storage"],
      ["1", "workload-to-proxmox-web"],
      ["2", "workload-to-proxmox-ssh"],
    ]);
    assert.deepEqual(rules.at(-1), ["13", "infrastructure-to-all"]);
  });

  it("routes the pods of each node to it", () => {
    assert.deepEqual(cells(page, "Static routes")[0], ["pods-talos-k8s-01", "10.8.28.128/25", "10.8.28.2"]);
  });

  it("lists the leases that metal nodes need at their first boot, and none for machines", () => {
    assert.doesNotMatch(page, /## Leases/);
    const leases = cells(renderRouterConfig(planOf("ms01"), "source"), "Leases");
    assert.deepEqual(leases[0], ["talos-ms01-01", "external", "58:47:ca:00:01:01", "10.8.20.11"]);
  });
});
