// All generated documents of the repository, each from what it documents: the schema, the fixtures of the problems, the plan of each stack.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loadStack } from "../../config/load.ts";
import {
  environmentJsonSchema,
  settingSchemas,
  simulationJsonSchema,
  stackJsonSchema,
} from "../../config/stack-schema.ts";
import type { Plan } from "../../plan/plan.ts";
import { renderAcceptanceList } from "../../plan/render/acceptance-list.ts";
import { renderBootGuide } from "../../plan/render/boot-guide.ts";
import { renderEnvironmentReference } from "../../plan/render/environment-reference.ts";
import { renderFailureReport } from "../../plan/render/failure-report.ts";
import { renderFirstBoot, renderInstallAnswer } from "../../plan/render/install-answer.ts";
import { renderNetworkMap } from "../../plan/render/network-map.ts";
import { renderPowerGuide } from "../../plan/render/power-guide.ts";
import { type ProblemExample, renderProblemReference } from "../../plan/render/problem-reference.ts";
import { renderPxeGuide } from "../../plan/render/pxe-guide.ts";
import { renderRouterConfig } from "../../plan/render/router-config.ts";
import { renderSwitchConfig } from "../../plan/render/switch-config.ts";

/** One file. */
export interface Document {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** Where the documents of the stacks lie, one folder each. */
export const generatedFolder = "docs/generated";

/** Everything that is generated, by path. */
export function allDocuments(repository: string): readonly Document[] {
  const stacks = readdirSync(repository)
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .map((stack) => loadStack(repository, stack))
    // A twin has the documents of the rack it rehearses.
    .filter((loaded) => loaded.simulation === undefined);
  return [
    { path: "config/stack.schema.json", text: `${JSON.stringify(stackJsonSchema(), null, 2)}\n` },
    { path: "docs/reference/environment.md", text: environmentReference() },
    { path: "docs/reference/problems.md", text: renderProblemReference(examples(repository), "test/fixtures/invalid") },
    ...stacks.flatMap((loaded) => stackDocuments(loaded.stack, loaded.plan)),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function environmentReference(): string {
  return renderEnvironmentReference({
    environment: environmentJsonSchema(),
    simulation: simulationJsonSchema(),
    settings: settingSchemas(),
    source: "config/schema.ts",
  });
}

function examples(repository: string): ProblemExample[] {
  const folder = join(repository, "test/fixtures/invalid");
  return readdirSync(folder)
    .map((file) => file.replace(/\.yaml$/, ""))
    .sort()
    .map((code) => ({
      code,
      cases: parse(readFileSync(join(folder, `${code}.yaml`), "utf8")) as ProblemExample["cases"],
    }));
}

function stackDocuments(stack: string, plan: Plan): Document[] {
  const folder = `${generatedFolder}/${stack}`;
  const source = `Pulumi.${stack}.yaml`;
  const hosts = plan.platform === "proxmox" ? plan.hosts : [];
  const power = renderPowerGuide(plan, source);
  const pxe = renderPxeGuide(plan, source);
  return [
    { path: `${folder}/network-map.md`, text: renderNetworkMap(plan, source) },
    { path: `${folder}/switches.md`, text: renderSwitchConfig(plan, source) },
    { path: `${folder}/router.md`, text: renderRouterConfig(plan, source) },
    { path: `${folder}/failure-analysis.md`, text: renderFailureReport(plan, source) },
    { path: `${folder}/acceptance.md`, text: renderAcceptanceList(plan, source) },
    ...(plan.platform === "metal" ? [{ path: `${folder}/boot-metal.md`, text: renderBootGuide(plan, source) }] : []),
    ...(pxe === undefined ? [] : [{ path: `${folder}/pxe.md`, text: pxe }]),
    ...(power === undefined ? [] : [{ path: `${folder}/power.md`, text: power }]),
    ...hosts.flatMap((host) => [
      { path: `${folder}/install/${host.name}.answer.toml`, text: renderInstallAnswer(plan, host) },
      { path: `${folder}/install/${host.name}.first-boot.sh`, text: renderFirstBoot(host) },
    ]),
  ];
}
