// Renovate's configuration finds every version that is pinned: one that it misses would grow old in silence.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { charts, images } from "../../plan/versions.ts";
import { rawEnvironment, repository } from "../support/configs.ts";

interface CustomManager {
  readonly managerFilePatterns: readonly string[];
  readonly matchStrings: readonly string[];
  readonly depNameTemplate?: string;
}
const { customManagers } = JSON.parse(readFileSync(join(repository, ".github/renovate.json"), "utf8")) as {
  customManagers: readonly CustomManager[];
};

/** Versions that are found in a file, as `<what> <version>`. */
function found(file: string): string[] {
  const text = readFileSync(join(repository, file), "utf8");
  return customManagers
    .filter(({ managerFilePatterns }) =>
      managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
    )
    .flatMap(({ matchStrings, depNameTemplate }) =>
      matchStrings.flatMap((pattern) =>
        [...text.matchAll(new RegExp(pattern, "g"))].map(
          ({ groups }) => `${groups?.["depName"] ?? depNameTemplate} ${groups?.["currentValue"]}`,
        ),
      ),
    )
    .sort();
}

describe("Renovate", () => {
  it("finds every chart and every image", () => {
    const pinned = [
      ...Object.values(charts).map(({ chart, version }) => `${chart.replace("oci://", "")} ${version}`),
      ...Object.values(images).map((image) => image.replace("docker.io/library/", "").replace(":", " ")),
    ];
    assert.deepEqual(found("plan/versions.ts"), pinned.sort());
  });

  for (const stack of ["homelab", "ms01"]) {
    it(`finds Talos and Kubernetes of ${stack}`, () => {
      const { versions } = rawEnvironment(stack) as { versions: { talos: string; kubernetes: string } };
      assert.deepEqual(found(`Pulumi.${stack}.yaml`), [
        `kubernetes/kubernetes ${versions.kubernetes}`,
        `siderolabs/talos ${versions.talos}`,
      ]);
    });
  }
});
