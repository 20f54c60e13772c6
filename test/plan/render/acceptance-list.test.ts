import assert from "node:assert/strict";
import { renderAcceptanceList } from "../../../plan/render/acceptance-list.ts";
import { planOf } from "../../support/configs.ts";

describe("acceptance list", () => {
  it("numbers the measurements and says what to start on the other end first", () => {
    const page = renderAcceptanceList(planOf(), "source");
    assert.match(page, /6 targets are in the description/);
    assert.match(page, /\| 1 +\| bond0 of pve-aimax-01 /);
    assert.match(
      page,
      /`iperf3 -s -1 -B 10\.8\.48\.10` on pve-ms01-01, then `iperf3 -c 10\.8\.48\.10 -B 10\.8\.48\.12 -t 30 -P 4`/,
    );
  });
});
