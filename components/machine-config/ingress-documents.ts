// The ingress firewall of a node: nothing answers but what a rule names.
import type { IngressRulePlan, NodePlan } from "../../plan/plan.ts";

/** The default action and one document a rule, for a node of that role. */
export function ingressDocuments(rules: readonly IngressRulePlan[], role: NodePlan["role"]): readonly object[] {
  const own = rules.filter(({ controlPlanesOnly }) => role === "controlplane" || !controlPlanesOnly);
  return [
    { apiVersion: "v1alpha1", kind: "NetworkDefaultActionConfig", ingress: "block" },
    ...own.map(({ name, protocol, ports, from }) => ({
      apiVersion: "v1alpha1",
      kind: "NetworkRuleConfig",
      name,
      portSelector: { ports: ports.map(port), protocol },
      ingress: from.map((subnet) => ({ subnet })),
    })),
  ];
}

const port = (text: string): number | string => (text.includes("-") ? text : Number(text));
