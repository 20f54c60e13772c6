// The rules and the scrape job for Prometheus, by its own checker and in its own rule engine.
import { stringify } from "yaml";
import type { TestHost } from "./test-host.ts";

/** A series over time, in promtool's notation: `1x10` is one, ten times more. */
export interface Series {
  readonly series: string;
  readonly values: string;
}

/** An alert at the hosts that are named so. */
export interface ExpectedAlert {
  readonly alert: string;
  readonly from: readonly Series[];
  /** Labels of every alert that fires after 30 minutes, without the rule's own. */
  readonly fires: readonly Readonly<Record<string, string>>[];
  readonly severity: string;
  readonly summary: string;
}

/** What promtool says of groups of rules, of a scrape job and of what the rules come to; `code` is 0 when it has nothing to object to. */
export async function promtool(
  host: TestHost,
  args: { groups: unknown; scrapeConfigs: unknown; alerts: readonly ExpectedAlert[] },
): Promise<{ code: number; said: string }> {
  const tests = {
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: args.alerts.map(({ alert, from, fires, severity, summary }) => ({
      interval: "1m",
      input_series: from,
      alert_rule_test: [
        {
          eval_time: "30m",
          alertname: alert,
          exp_alerts: fires.map((labels) => ({
            exp_labels: { ...labels, severity },
            exp_annotations: { summary },
          })),
        },
      ],
    })),
  };
  const file = (name: string, body: unknown): string =>
    `cat >/tmp/${name} <<'FILE'\n${stringify(body, { lineWidth: 0, aliasDuplicateObjects: false })}FILE`;
  const { code, stdout, stderr } = await host.run(
    [
      "set -eu",
      file("rules.yml", { groups: args.groups }),
      file("prometheus.yml", { scrape_configs: args.scrapeConfigs }),
      file("tests.yml", tests),
      "cd /tmp\npromtool check rules rules.yml\npromtool check config prometheus.yml\npromtool test rules tests.yml",
    ].join("\n"),
  );
  return { code, said: `${stdout}${stderr}` };
}
