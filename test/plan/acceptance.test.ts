import assert from "node:assert/strict";
import { acceptanceTests } from "../../plan/acceptance.ts";
import { planOf } from "../support/configs.ts";

describe("acceptance tests", () => {
  const all = acceptanceTests(planOf());
  const of = (text: string) => all.filter((test) => test.name.includes(text));

  it("send the largest packet that fits, and no larger: the MTU less 28 bytes of headers", () => {
    assert.deepEqual(
      of("9000 bytes").map((test) => [test.on, test.command, test.expected]),
      [
        ["pve-ms01-01", "ping -M do -s 8972 -c 10 10.8.48.11", "0% packet loss"],
        ["pve-ms01-02", "ping -M do -s 8972 -c 10 10.8.48.12", "0% packet loss"],
        ["pve-aimax-01", "ping -M do -s 8972 -c 10 10.8.48.10", "0% packet loss"],
      ],
    );
  });

  it("measure each throughput target between neighbours, in several streams since one stays on one link", () => {
    const [first] = of("storage: throughput");
    assert.deepEqual(
      [first?.other, first?.command],
      [{ on: "pve-ms01-02", command: "iperf3 -s -1 -B 10.8.48.11" }, "iperf3 -c 10.8.48.11 -B 10.8.48.10 -t 30 -P 4"],
    );
    assert.match(first?.expected ?? "", /20000 Mbit\/s/);
  });

  it("measure a network without hosts between pods", () => {
    assert.deepEqual(
      of("workload: throughput").map((test) => test.on),
      [
        "a pod with hostNetwork on talos-k8s-01",
        "a pod with hostNetwork on talos-k8s-02",
        "a pod with hostNetwork on talos-k8s-03",
      ],
    );
  });

  it("ask for every name and every target", () => {
    const plan = planOf();
    for (const record of plan.dns.records) assert.equal(of(`the name ${record.fqdn}`).length, 1);
    for (const target of [...plan.targets.throughput, ...plan.targets.latency]) {
      assert.ok(of(`${target.name}: `).length > 0, target.name);
    }
  });

  it("measure nothing between hosts where there is one", () => {
    const names = acceptanceTests(planOf("one-host")).map((test) => test.name);
    assert.deepEqual(
      names.filter((name) => !name.startsWith("the name ")),
      [],
    );
  });
});
