import assert from "node:assert/strict";
import { JsonPathError, renderJsonPath } from "../../../lab/operator/json-path.ts";

const list = {
  items: [
    {
      metadata: { name: "a", annotations: { "homelab/wanted": "yes" } },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    },
    {
      metadata: { name: "b" },
      status: {
        conditions: [
          { type: "Other", status: "True" },
          { type: "Ready", status: "False" },
        ],
      },
    },
  ],
};

describe("JSONPath templates of the simulated kubectl", () => {
  const cases: [template: string, text: string][] = [
    ["{.items[0].metadata.name}", "a"],
    ["{.items[*].metadata.name}", "a b"],
    ["{.items[-1].metadata.name}", "b"],
    ["{.items[0].metadata.annotations.homelab/wanted}", "yes"],
    ["{.items[0].metadata.annotations['homelab/wanted']}", "yes"],
    ["{.items[1].metadata.annotations.homelab/wanted}", ""],
    [
      '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}',
      "a=True\nb=False\n",
    ],
    ["{.items[0].status.conditions}", '[{"type":"Ready","status":"True"}]'],
  ];
  for (const [template, text] of cases)
    it(`fills in ${template}`, () => assert.equal(renderJsonPath(template, list), text));

  it("refuses what it cannot read", () => {
    for (const template of ["{range .items[*]}{.a}", "{end}", "{.items[(@.length-1)]}"])
      assert.throws(() => renderJsonPath(template, list), JsonPathError);
  });
});
