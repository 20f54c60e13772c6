import assert from "node:assert/strict";
import { ingressSection } from "../../../plan/render/ingress-table.ts";
import { planOf } from "../../support/configs.ts";

const talos = { ingressFirewall: { operators: ["management"] } };

describe("ingressSection", () => {
  it("says what answers to whom", () => {
    const [text = ""] = ingressSection(planOf("ms01"));
    assert.match(text, /\| etcd *\| 2379-2380\/tcp *\| 10\.8\.20\.11\/32, 10\.8\.20\.12\/32, 10\.8\.20\.13\/32 *\|\n/);
  });

  it("says on which nodes, where they differ", () => {
    const [text = ""] = ingressSection(planOf("workers", { talos }));
    assert.match(text, /\| etcd .*\| control planes \|\n/);
    assert.match(text, /\| kubelet .*\| all nodes *\|\n/);
  });

  it("is not there without a firewall", () => {
    assert.deepEqual(ingressSection(planOf("homelab")), []);
  });
});
