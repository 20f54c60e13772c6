// Chart kubernetes-dashboard: its parts behind one gateway.
import { charts } from "../../../../plan/versions.ts";
import { type ChartModel, chartLabels, isOn, service, serviceSpec, words, workload } from "./chart.ts";

const KEYS = words("api app auth cert-manager extras kong metrics-server metricsScraper nginx web");

export const dashboard: ChartModel = {
  name: charts.dashboard.chart,
  version: charts.dashboard.version,
  repository: charts.dashboard.repository,
  appVersion: charts.dashboard.version,
  keys: KEYS,
  objects(release, values) {
    const part = (name: string) => {
      const labels = chartLabels(`${release.name}-${name}`, release, name);
      return workload(release, { kind: "Deployment", name: `${release.name}-${name}`, labels });
    };
    const kong = chartLabels("kong", release);
    const { spec, annotations } = serviceSpec(values, "kong.proxy");
    return [
      ...["api", "auth", "web"].map(part),
      ...(isOn(values, "metricsScraper.enabled", true) ? [part("metrics-scraper")] : []),
      workload(release, {
        kind: "Deployment",
        name: `${release.name}-kong`,
        labels: kong,
        container: { name: "proxy", ports: [{ name: "proxy-tls", containerPort: 8443 }] },
      }),
      service(release, `${release.name}-kong-proxy`, kong, [443], { spec, annotations }),
    ];
  },
};
