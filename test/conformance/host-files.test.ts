// Files that scripts write on Proxmox hosts, by the programs that read them.
import assert from "node:assert/strict";
import { ruleGroups } from "../../components/monitoring/rules.ts";
import { declareStack } from "../../conformance/declared.ts";
import { declaredScripts } from "../../conformance/host-scripts.ts";
import {
  aptSources,
  corosyncLinks,
  hostTools,
  introduction,
  metrics,
  timeServers,
} from "../../conformance/hosts/host-files.ts";
import { openTestHost } from "../../conformance/hosts/test-host.ts";
import { piece } from "../../conformance/piece.ts";
import { hardwareStacks } from "../../conformance/stacks.ts";
import type { Plan } from "../../plan/plan.ts";
import { onTestHost } from "../support/on-test-host.ts";

const host = await openTestHost(...hostTools);
const version = (name: string): string => `${name} ${host?.version(name)}`;

piece(
  {
    subject: "files that scripts write on Proxmox hosts",
    against:
      host === undefined ? hostTools.join(", ") : `${hostTools.map(version).join(", ")}, apt and systemd of Debian`,
    limit:
      "Ceph, whose files are pveceph's own, and all that only Proxmox VE has (pvecm, pveceph, pvesh): on a test host something that notes what it is asked stands in for it",
  },
  function () {
    this.timeout("1m");
    const on = onTestHost(host);
    for (const { stack, plan } of hardwareStacks().filter((one) => one.plan.platform === "proxmox")) {
      const scripts = new Map<string, string>();
      before(async () => {
        for (const { name, text } of declaredScripts(await declareStack(plan))) scripts.set(name, text);
      });
      const script = (name: string): string => {
        const text = scripts.get(`${name} create`);
        assert.ok(text, `${stack} has no script ${name}`);
        return text;
      };
      for (const { name, managementAddress } of plan.hosts) {
        it(`${stack}: chrony of ${name} asks the planned servers and nobody else; a second run changes nothing`, async () => {
          const { changed, sources } = await timeServers(on(), script(`${name}-ntp`));
          assert.deepEqual(sources, [...plan.cluster.ntpServers].sort());
          assert.deepEqual(changed, []);
        });
        it(`${stack}: apt of ${name} asks no enterprise repository; a second run changes nothing`, async () => {
          const { changed, uris } = await aptSources(on(), script(`${name}-package-sources`));
          assert.deepEqual(uris, []);
          assert.deepEqual(changed, []);
        });
        it(`${stack}: the node-exporter of ${name} has every metric of the rules, at the management address; systemd takes its unit`, async () => {
          const { changed, missing, objections } = await metrics(
            on(),
            script(`${name}-metrics`),
            managementAddress,
            metricsOf(plan),
          );
          assert.deepEqual(missing, []);
          assert.deepEqual(objections, []);
          assert.deepEqual(changed, []);
        });
      }
      const members = plan.proxmoxCluster?.members ?? [];
      it(`${stack}: corosync accepts the file with all links of all members, and as it is while a host joins; a second run changes nothing`, async () => {
        const admit = members.at(-1)?.host ?? "";
        const { changed, links, whileJoining } = await corosyncLinks(on(), {
          name: plan.proxmoxCluster?.name ?? "",
          members,
          script: script("corosync-configuration"),
          admission: script(`cluster-${admit}-admit`),
        });
        assert.deepEqual(
          links,
          members.map((member) => `${member.host} ${member.links.join(" ")}`),
        );
        assert.deepEqual(
          whileJoining,
          members.slice(0, -1).map((member) => `${member.host} ${member.links[0]}`),
        );
        assert.deepEqual(changed, []);
      });
      it(`${stack}: OpenSSH finds the first host's key and lets the joining host in; a second run changes nothing`, async () => {
        const joining = members.at(-1)?.host ?? "";
        const { changed, isKnown, isAuthorized } = await introduction(on(), {
          introduce: script(`cluster-${joining}-introduce`),
          admit: script(`cluster-${joining}-admit`),
          firstAddress: members.find((member) => member.host === plan.proxmoxCluster?.first)?.links[0] ?? "",
        });
        assert.ok(isKnown, "the first host's key is not known by its address");
        assert.ok(isAuthorized, "the joining host's key does not stand in authorized_keys");
        assert.deepEqual(changed, []);
      });
    }
  },
);

/** What the rules ask the node-exporter for, but for what only a host with bonds has. */
function metricsOf(plan: Plan): string[] {
  const rules = ruleGroups(plan.monitoring.metrics, plan.hosts).flatMap((group) => group.rules);
  const recorded = new Set(rules.flatMap((rule) => rule.record ?? []));
  const named = rules.flatMap(({ expr }) => expr.match(/(?<![\w:])node_[a-z_]+(?![\w:])/g) ?? []);
  return [...new Set(named)].filter((name) => !recorded.has(name) && !name.startsWith("node_bonding_")).sort();
}
