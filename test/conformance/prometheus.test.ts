// Rules and scrape jobs, by Prometheus itself.
import assert from "node:assert/strict";
import { ruleGroups } from "../../components/monitoring/rules.ts";
import { monitoringValues } from "../../components/monitoring/values.ts";
import { type ExpectedAlert, promtool } from "../../conformance/hosts/prometheus.ts";
import { openTestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import type { Plan } from "../../plan/plan.ts";
import { homelabPlan } from "../support/homelab-plan.ts";

const host = await openTestHost("prometheus");

const watched = (plan: Plan) => (plan.monitoring.watchesHosts ? plan.hosts : []);
const groupsOf = (plan: Plan) => ruleGroups(plan.monitoring.metrics, watched(plan));
const scrapeConfigsOf = (plan: Plan): unknown => {
  const values = monitoringValues({
    ...{ hosts: watched(plan), grafanaTlsName: undefined, storageClassName: undefined, adminSecret: undefined },
  }) as { prometheus: { prometheusSpec: { additionalScrapeConfigs: unknown } } };
  return values.prometheus.prometheusSpec.additionalScrapeConfigs;
};

/** What happens on a host of the homelab, and what Prometheus has to say of it. */
function alerts(plan: Plan): ExpectedAlert[] {
  const [one] = plan.hosts;
  const bond = one?.bonds[0]?.name ?? "";
  const labels = `job="hosts",instance="${one?.name}"`;
  const slaves = (active: string) => [
    { series: `node_bonding_slaves{${labels},master="${bond}"}`, values: "2x40" },
    { series: `node_bonding_active{${labels},master="${bond}"}`, values: active },
  ];
  const mtu = (value: number) => [
    { series: `node_network_mtu_bytes{${labels},device="${bond}"}`, values: `${value}x40` },
  ];
  const at = { job: "hosts", instance: one?.name ?? "" };
  const bondDown = {
    ...{ alert: "BondMemberDown", severity: "critical" },
    summary: `1 member of ${bond} on ${one?.name} is down: one more and the network is gone`,
  };
  const mtuChanged = {
    ...{ alert: "LinkMtuChanged", severity: "critical" },
    summary: `${bond} of ${one?.name} has MTU 1500, which is not the planned one`,
  };
  return [
    { ...bondDown, from: slaves("2x40"), fires: [] },
    { ...bondDown, from: slaves("2x10 1x30"), fires: [{ ...at, master: bond }] },
    { ...mtuChanged, from: mtu(one?.bonds[0]?.mtu ?? 0), fires: [] },
    { ...mtuChanged, from: mtu(1500), fires: [{ ...at, device: bond }] },
  ];
}

piece(
  {
    subject: "rules and scrape jobs for Prometheus",
    against: host === undefined ? "promtool" : `promtool ${host.version("prometheus")}`,
    limit: "whether the exporters of a rack have these series: the hosts' one is asked for all but those of bonds",
  },
  function () {
    this.timeout("1m");
    before(function () {
      if (host === undefined) this.skip();
    });
    const say = (plan: Plan, change: Partial<Parameters<typeof promtool>[1]> = {}) => {
      assert.ok(host);
      return promtool(host, { groups: groupsOf(plan), scrapeConfigs: scrapeConfigsOf(plan), alerts: [], ...change });
    };
    for (const { stack, plan } of hardwareStacks()) {
      it(`${stack}: promtool accepts every rule and the scrape job of the hosts, and has nothing to remark`, async () => {
        const { code, said } = await say(plan);
        assert.equal(code, 0, said);
        assert.match(said, new RegExp(`SUCCESS: ${groupsOf(plan).flatMap((group) => group.rules).length} rules found`));
        assert.doesNotMatch(said, /FAILED|lint/);
      });
    }
    it("a bond with a member down and a link with another MTU raise their alerts, and nothing does while all is well", async () => {
      const plan = homelabPlan();
      const { code, said } = await say(plan, { alerts: alerts(plan) });
      assert.equal(code, 0, said);
    });

    const broken = (from: string, to: string) => {
      const text = JSON.stringify(groupsOf(homelabPlan()));
      assert.ok(text.includes(from), `nothing to break: there is no ${from}`);
      return { groups: JSON.parse(text.replaceAll(from, to)) as unknown };
    };
    it("an expression that is none is refused", async () => {
      const { code, said } = await say(homelabPlan(), broken("clamp_min(", "clamp_least("));
      assert.notEqual(code, 0);
      assert.match(said, /unknown function with name \\?"clamp_least\\?"/);
    });
    it("a scrape job with a key that there is not is refused", async () => {
      const { code, said } = await say(homelabPlan(), { scrapeConfigs: [{ job_name: "hosts", static_config: [] }] });
      assert.notEqual(code, 0);
      assert.match(said, /field static_config not found/);
    });
    it("a rule that looks the wrong way raises nothing, and that is seen", async () => {
      const plan = homelabPlan();
      const change = broken("node_bonding_down:count > 0", "node_bonding_down:count < 0");
      const { code, said } = await say(plan, { ...change, alerts: alerts(plan) });
      assert.notEqual(code, 0);
      assert.match(said, /BondMemberDown/);
    });
  },
);
