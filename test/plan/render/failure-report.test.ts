import assert from "node:assert/strict";
import { renderFailureReport } from "../../../plan/render/failure-report.ts";
import { planOf } from "../../support/configs.ts";

describe("failure report", () => {
  it("counts the single points of failure and names each", () => {
    const page = renderFailureReport(planOf(), "source");
    assert.match(page, /\n7 of 23 single failures stop something\.\n/);
    const [, points = ""] = page.split("## Single points of failure");
    assert.match(
      points.split("## ")[0] ?? "",
      /switch mikrotik-crs309-k8s-storage +\| every host is cut off from storage;/,
    );
  });

  it("has a line for every failure, also for those that harm nothing", () => {
    const [, every = ""] = renderFailureReport(planOf(), "source").split("## Every failure");
    assert.match(
      every,
      /uplink mikrotik-crs309-k8s-storage port sfp-sfpplus7 to enterprise-24-poe-main +\| none +\| nothing +\| no /,
    );
  });
});
