import assert from "node:assert/strict";
import { type Rule, ruleGroups } from "../../../components/monitoring/rules.ts";
import { parseEnvironment } from "../../../config/stack-file.ts";
import { withChange } from "../../support/configs.ts";
import { homelabPlan } from "../../support/homelab-plan.ts";

const plan = homelabPlan();
const all = ruleGroups(plan.monitoring.metrics, plan.hosts).flatMap((group) => group.rules);

/** Names of recorded series that an expression reads. */
const recordedNames = (rule: Rule): string[] => rule.expr.match(/\b[a-z_]+:[a-z_]+:[a-z0-9_]+/g) ?? [];

describe("monitoring rules", () => {
  it("are there for every metric that the homelab asks for, and the description refuses any other", () => {
    assert.equal(ruleGroups(plan.monitoring.metrics, []).length, 6);
    const { environment, problems } = parseEnvironment(withChange("monitoring.metrics[0]", "bond-satus"));
    assert.equal(environment, undefined);
    assert.match(
      problems.map(({ path, message }) => `${path}: ${message}`).join(),
      /monitoring\.metrics\[0\].*bond-status/,
    );
  });

  it("watch only what is asked for", () => {
    assert.deepEqual(
      ruleGroups(["latency"], []).map((group) => group.name),
      ["homelab-latency"],
    );
    assert.deepEqual(ruleGroups([], []), []);
  });

  it("call a bond with a member down critical within a minute", () => {
    const group = ruleGroups(["bond-status"], [])[0];
    assert.deepEqual(group?.rules[0], {
      record: "instance_master:node_bonding_down:count",
      expr: 'node_bonding_slaves{job=~"node-exporter|hosts"} - node_bonding_active{job=~"node-exporter|hosts"}',
    });
    assert.equal(group?.rules[1]?.expr, "instance_master:node_bonding_down:count > 0");
    assert.equal(group?.rules[1]?.for, "1m");
  });

  it("compare the MTU of every link of a host with the plan's", () => {
    const rule = ruleGroups(
      [],
      plan.hosts.filter(({ name }) => name === "pve-ms01-01"),
    )[0]?.rules[0];
    assert.equal(
      rule?.expr,
      [
        'node_network_mtu_bytes{job="hosts",instance="pve-ms01-01",device="bond0"} != 9000',
        'node_network_mtu_bytes{job="hosts",instance="pve-ms01-01",device="bond0.48"} != 9000',
        'node_network_mtu_bytes{job="hosts",instance="pve-ms01-01",device="vmbr0"} != 1500',
        'node_network_mtu_bytes{job="hosts",instance="pve-ms01-01",device="vmbr0.16"} != 1500',
      ].join(" or "),
    );
  });

  it("are well formed: one name each, a summary on every alert, balanced brackets, and series that are recorded", () => {
    const recorded = new Set(all.flatMap((rule) => rule.record ?? []));
    for (const rule of all) {
      const name = rule.record ?? rule.alert;
      assert.equal([rule.record, rule.alert].filter((one) => one !== undefined).length, 1, `${name} has one name`);
      if (rule.alert !== undefined) assert.ok(rule.annotations?.["summary"], `${name} says what is wrong`);
      for (const [open, close] of ["()", "{}", "[]"].map((pair) => pair.split(""))) {
        assert.equal(
          rule.expr.split(open ?? "").length,
          rule.expr.split(close ?? "").length,
          `${name}: ${open}${close}`,
        );
      }
      if (!rule.expr.includes("__name__")) {
        for (const series of recordedNames(rule)) assert.ok(recorded.has(series), `${name} reads ${series}`);
      }
    }
  });
});
